//! The two TPM 2.0 structures of a tpm statement: `certInfo` (TPMS_ATTEST) and `pubArea` (TPMT_PUBLIC).
//!
//! TPM 2.0 Library, Part 2 §10.12.8 and §12.2.4. Integers are big endian; a TPM2B is a u16 length and that
//! many bytes. Everything is read as it stands: whether the values are right is judged in `tpm.rs`.

use thiserror::Error;

/// Why bytes are not the structure they are given as.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum TpmStructureError {
    /// The bytes end inside a member.
    #[error("the bytes end inside {0}")]
    Truncated(&'static str),
    /// Bytes follow the structure.
    #[error("{0} bytes follow the structure")]
    Trailing(usize),
    /// An algorithm whose parameters we cannot step over.
    #[error("{member} is {value:#06x}, which is not known here")]
    Unknown { member: &'static str, value: u16 },
}

/// `certInfo`: what the TPM attested.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Attest {
    /// 0xff544347 when the TPM itself made it.
    pub(crate) magic: u32,
    /// 0x8017 for TPM_ST_ATTEST_CERTIFY.
    pub(crate) kind: u16,
    /// `extraData`: the hash of what was to be signed.
    pub(crate) extra_data: Vec<u8>,
    /// `clockInfo.safe` as it stands; 0 and 1 are the legal values.
    pub(crate) clock_safe: u8,
    /// `attested.name`: name algorithm and digest of the certified key's public area.
    pub(crate) attested_name: Vec<u8>,
}

impl Attest {
    /// 0xff `TCG`.
    pub(crate) const MAGIC: u32 = 0xff54_4347;
    /// TPM_ST_ATTEST_CERTIFY.
    pub(crate) const CERTIFY: u16 = 0x8017;

    /// Reads `certInfo`. Of other attestations than CERTIFY only the head is read.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, TpmStructureError> {
        let mut reader = Reader { rest: bytes };
        let magic = reader.u32("magic")?;
        let kind = reader.u16("type")?;
        reader.sized("qualifiedSigner")?;
        let extra_data = reader.sized("extraData")?.to_vec();
        reader.take(CLOCK_COUNTERS, "clockInfo")?;
        let clock_safe = reader.u8("clockInfo.safe")?;
        reader.take(FIRMWARE_VERSION, "firmwareVersion")?;
        let attested_name = match kind {
            Self::CERTIFY => reader.certify_info()?,
            _ => Vec::new(),
        };
        Ok(Self { magic, kind, extra_data, clock_safe, attested_name })
    }
}

/// `pubArea`: the public area of the credential key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Public {
    /// TPM_ALG_ID of the hash that names the key.
    pub(crate) name_alg: u16,
    /// The key.
    pub(crate) key: PublicArea,
}

/// Key material of a public area.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PublicArea {
    /// RSA with its exponent; 0 means 65537.
    Rsa { exponent: u32, modulus: Vec<u8> },
    /// An elliptic curve point; coordinates may lack leading zeros.
    Ecc { curve: u16, x: Vec<u8>, y: Vec<u8> },
}

impl Public {
    /// Reads `pubArea`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, TpmStructureError> {
        let mut reader = Reader { rest: bytes };
        let kind = reader.u16("type")?;
        let name_alg = reader.u16("nameAlg")?;
        reader.take(OBJECT_ATTRIBUTES, "objectAttributes")?;
        reader.sized("authPolicy")?;
        let key = match kind {
            alg::RSA => reader.rsa()?,
            alg::ECC => reader.ecc()?,
            value => return Err(TpmStructureError::Unknown { member: "type", value }),
        };
        reader.end()?;
        Ok(Self { name_alg, key })
    }
}

/// TPM_ALG_ID values (TCG Algorithm Registry).
pub(crate) mod alg {
    pub(crate) const RSA: u16 = 0x0001;
    pub(crate) const SHA1: u16 = 0x0004;
    pub(crate) const SHA256: u16 = 0x000b;
    pub(crate) const SHA384: u16 = 0x000c;
    pub(crate) const SHA512: u16 = 0x000d;
    pub(crate) const NULL: u16 = 0x0010;
    pub(crate) const RSAES: u16 = 0x0015;
    pub(crate) const ECDAA: u16 = 0x001a;
    pub(crate) const ECC: u16 = 0x0023;
}

/// TPM_ECC_CURVE values.
pub(crate) mod curve {
    pub(crate) const NIST_P256: u16 = 0x0003;
    pub(crate) const NIST_P384: u16 = 0x0004;
    pub(crate) const NIST_P521: u16 = 0x0005;
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize, member: &'static str) -> Result<&'a [u8], TpmStructureError> {
        let split = self.rest.split_at_checked(len);
        let (taken, rest) = split.ok_or(TpmStructureError::Truncated(member))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(
        &mut self,
        member: &'static str,
    ) -> Result<[u8; N], TpmStructureError> {
        let split = self.rest.split_first_chunk::<N>();
        let (taken, rest) = split.ok_or(TpmStructureError::Truncated(member))?;
        self.rest = rest;
        Ok(*taken)
    }

    fn u8(&mut self, member: &'static str) -> Result<u8, TpmStructureError> {
        self.array::<1>(member).map(|[byte]| byte)
    }

    fn u16(&mut self, member: &'static str) -> Result<u16, TpmStructureError> {
        self.array(member).map(u16::from_be_bytes)
    }

    fn u32(&mut self, member: &'static str) -> Result<u32, TpmStructureError> {
        self.array(member).map(u32::from_be_bytes)
    }

    /// A TPM2B: u16 length, bytes.
    fn sized(&mut self, member: &'static str) -> Result<&'a [u8], TpmStructureError> {
        let len = self.u16(member)?;
        self.take(usize::from(len), member)
    }

    fn end(&self) -> Result<(), TpmStructureError> {
        match self.rest.len() {
            0 => Ok(()),
            more => Err(TpmStructureError::Trailing(more)),
        }
    }

    /// TPMS_CERTIFY_INFO, the last member of `certInfo`; gives the name.
    fn certify_info(&mut self) -> Result<Vec<u8>, TpmStructureError> {
        let name = self.sized("attested.name")?.to_vec();
        self.sized("attested.qualifiedName")?;
        self.end()?;
        Ok(name)
    }

    /// TPMT_SYM_DEF_OBJECT: algorithm, then key bits and mode unless NULL.
    fn symmetric(&mut self) -> Result<(), TpmStructureError> {
        if self.u16("symmetric")? != alg::NULL {
            self.take(SYMMETRIC_DETAILS, "symmetric")?;
        }
        Ok(())
    }

    /// TPMT_RSA_SCHEME, TPMT_ECC_SCHEME or TPMT_KDF_SCHEME: each names a hash unless NULL or RSAES.
    fn scheme(&mut self, member: &'static str) -> Result<(), TpmStructureError> {
        let details = match self.u16(member)? {
            alg::NULL | alg::RSAES => 0,
            alg::ECDAA => 4,
            _ => 2,
        };
        self.take(details, member).map(|_| ())
    }

    fn rsa(&mut self) -> Result<PublicArea, TpmStructureError> {
        self.symmetric()?;
        self.scheme("scheme")?;
        self.u16("keyBits")?;
        let exponent = self.u32("exponent")?;
        let modulus = self.sized("unique")?.to_vec();
        Ok(PublicArea::Rsa { exponent, modulus })
    }

    fn ecc(&mut self) -> Result<PublicArea, TpmStructureError> {
        self.symmetric()?;
        self.scheme("scheme")?;
        let curve = self.u16("curveID")?;
        self.scheme("kdf")?;
        let x = self.sized("unique.x")?.to_vec();
        let y = self.sized("unique.y")?.to_vec();
        Ok(PublicArea::Ecc { curve, x, y })
    }
}

/// clock u64, resetCount u32, restartCount u32.
const CLOCK_COUNTERS: usize = 16;
const FIRMWARE_VERSION: usize = 8;
const OBJECT_ATTRIBUTES: usize = 4;
/// keyBits u16, mode u16.
const SYMMETRIC_DETAILS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// A P-256 key with an authorization policy of two bytes, an ECDSA scheme and a KDF.
    const ECC: &[u8] = &[
        0x00, 0x23, 0x00, 0x0b, 0, 0, 0, 0, 0, 2, 0xaa, 0xbb, 0x00, 0x10, 0x00, 0x18, 0x00, 0x0b,
        0x00, 0x03, 0x00, 0x20, 0x00, 0x0b, 0, 1, 0x11, 0, 1, 0x22,
    ];

    #[test]
    fn schemes_of_every_length_are_stepped_over() {
        let public = Public::parse(ECC).unwrap();
        let key = PublicArea::Ecc { curve: curve::NIST_P256, x: vec![0x11], y: vec![0x22] };
        assert_eq!(public, Public { name_alg: alg::SHA256, key });
        // RSA, AES-128-CFB, RSAES, 2048 bits, default exponent
        let rsa = [
            0x00, 0x01, 0x00, 0x0b, 0, 0, 0, 0, 0, 0, 0x00, 0x06, 0, 128, 0x00, 0x43, 0x00, 0x15,
            8, 0, 0, 0, 0, 0, 0, 1, 0x77,
        ];
        let key = PublicArea::Rsa { exponent: 0, modulus: vec![0x77] };
        assert_eq!(Public::parse(&rsa).unwrap().key, key);
    }

    #[test]
    fn a_public_area_cut_anywhere_or_followed_by_bytes_is_refused() {
        for len in 0..ECC.len() {
            assert!(Public::parse(ECC.get(..len).unwrap()).is_err(), "length {len}");
        }
        let longer = [ECC, &[0]].concat();
        assert_eq!(Public::parse(&longer), Err(TpmStructureError::Trailing(1)));
    }

    #[test]
    fn an_unknown_key_type_is_named() {
        let unknown = TpmStructureError::Unknown { member: "type", value: 0x25 };
        assert_eq!(Public::parse(&[0, 0x25, 0, 0x0b, 0, 0, 0, 0, 0, 0]), Err(unknown));
    }

    #[test]
    fn only_the_head_of_another_attestation_is_read() {
        let head =
            [&[0xff, 0x54, 0x43, 0x47, 0x80, 0x18, 0, 0, 0, 1, 9], [0; 25].as_slice()].concat();
        let attest = Attest::parse(&head).unwrap();
        assert_eq!((attest.magic, attest.kind), (Attest::MAGIC, 0x8018));
        assert_eq!(attest.extra_data, [9]);
        assert!(attest.attested_name.is_empty());
        assert!(Attest::parse(head.get(..30).unwrap()).is_err());
    }
}
