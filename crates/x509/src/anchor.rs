//! Trust anchors: a name and a key, and nothing else about the certificate they came in.
//!
//! Of the anchors in the catalogue 25 are self-issued without being a CA, 40 are intermediates, 15 are
//! leaves, 15 have expired, 12 are version 1 and 2 have a wrong self-signature. None of that matters: the
//! catalogue vouches for name and key.

use crate::certificate::{Certificate, CertificateError, names_of};
use crate::digest::Sha256;
use crate::names;
use crate::public_key::PublicKey;
use std::collections::HashMap;
use std::sync::OnceLock;
use time::OffsetDateTime;

/// A name and a key that are trusted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Anchor {
    certificate: Certificate,
    label: String,
}

impl Anchor {
    /// The anchor that `certificate` stands for. `label` says where it comes from and is handed back.
    #[must_use]
    pub fn from_certificate(certificate: &Certificate, label: impl Into<String>) -> Self {
        Self { certificate: certificate.clone(), label: label.into() }
    }

    /// The certificate it was taken from.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The trusted name, DER.
    #[must_use]
    pub fn subject_raw(&self) -> &[u8] {
        self.certificate.subject_raw()
    }

    /// The trusted key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.certificate.public_key()
    }

    /// The bytes of the certificate it was taken from.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.certificate.der()
    }

    /// Where it comes from, in the words of whoever added it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// End of the certificate's validity: worth a note, never a reason to refuse.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        self.certificate.not_after()
    }
}

/// Many anchors, indexed by name, each parsed at its first use only.
///
/// Building the set looks at the names alone, so that judging one registration does not pay for parsing
/// a whole catalogue.
#[derive(Debug, Default)]
pub struct AnchorSet {
    entries: Vec<Entry>,
    by_subject: HashMap<Box<[u8]>, Vec<usize>>,
    fingerprint: OnceLock<[u8; 32]>,
}

#[derive(Debug)]
struct Entry {
    der: Vec<u8>,
    label: String,
    parsed: OnceLock<Result<Anchor, CertificateError>>,
}

impl AnchorSet {
    /// A set of DER certificates with their labels; positions in `anchors` are the anchors' numbers.
    pub fn new<D, L>(anchors: impl IntoIterator<Item = (D, L)>) -> Self
    where
        D: Into<Vec<u8>>,
        L: Into<String>,
    {
        let mut set = Self::default();
        for (der, label) in anchors {
            set.push(der.into(), label.into());
        }
        set
    }

    fn push(&mut self, der: Vec<u8>, label: String) {
        let number = self.entries.len();
        if let Some((_, subject)) = names_of(&der) {
            self.by_subject.entry(subject.into()).or_default().push(number);
        }
        self.entries.push(Entry { der, label, parsed: OnceLock::new() });
    }

    /// How many anchors were given, unreadable ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Anchor `number`; `None` when there is none or its bytes are no certificate.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&Anchor> {
        self.parse(number)?.as_ref().ok()
    }

    /// The bytes of anchor `number`, as given.
    #[must_use]
    pub fn der(&self, number: usize) -> Option<&[u8]> {
        Some(&self.entries.get(number)?.der)
    }

    /// Where anchor `number` comes from, as given.
    #[must_use]
    pub fn label(&self, number: usize) -> Option<&str> {
        Some(&self.entries.get(number)?.label)
    }

    /// The name of anchor `number` as printable text. Does not parse the certificate.
    #[must_use]
    pub fn subject_text(&self, number: usize) -> Option<String> {
        let (_, subject) = names_of(self.der(number)?)?;
        Some(names::text(subject))
    }

    /// The anchors whose bytes are no certificate: they can never match. Parses every anchor.
    pub fn unreadable(&self) -> impl Iterator<Item = (usize, &CertificateError)> {
        (0..self.entries.len()).filter_map(|n| Some((n, self.parse(n)?.as_ref().err()?)))
    }

    /// A hash over every anchor's bytes in order: equal sets, equal outcomes. Computed once.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        *self
            .fingerprint
            .get_or_init(|| fingerprint(self.entries.iter().map(|entry| entry.der.as_slice())))
    }

    fn parse(&self, number: usize) -> Option<&Result<Anchor, CertificateError>> {
        let entry = self.entries.get(number)?;
        Some(entry.parsed.get_or_init(|| {
            let certificate = Certificate::parse(&entry.der)?;
            Ok(Anchor { certificate, label: entry.label.clone() })
        }))
    }
}

/// A hash over the bytes of every anchor in order.
pub(crate) fn fingerprint<'a>(anchors: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    anchors.into_iter().fold(Sha256::new(), Sha256::part).finish()
}

impl<A: std::borrow::Borrow<Anchor>> FromIterator<A> for AnchorSet {
    fn from_iter<I: IntoIterator<Item = A>>(anchors: I) -> Self {
        let pair = |anchor: A| (anchor.borrow().der().to_vec(), anchor.borrow().label().to_owned());
        Self::new(anchors.into_iter().map(pair))
    }
}

/// What a path search asks of anchors, whether they are a slice or a set.
pub(crate) trait Anchors {
    /// Numbers of the anchors with this name.
    fn named(&self, subject: &[u8]) -> impl Iterator<Item = usize>;
    /// Anchor by number.
    fn anchor(&self, number: usize) -> Option<&Anchor>;
}

impl Anchors for [Anchor] {
    fn named(&self, subject: &[u8]) -> impl Iterator<Item = usize> {
        let same = move |(_, anchor): &(usize, &Anchor)| anchor.subject_raw() == subject;
        self.iter().enumerate().filter(same).map(|(number, _)| number)
    }

    fn anchor(&self, number: usize) -> Option<&Anchor> {
        self.get(number)
    }
}

impl Anchors for AnchorSet {
    fn named(&self, subject: &[u8]) -> impl Iterator<Item = usize> {
        self.by_subject.get(subject).into_iter().flatten().copied()
    }

    fn anchor(&self, number: usize) -> Option<&Anchor> {
        self.get(number)
    }
}
