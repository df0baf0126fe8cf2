//! Where random bytes come from.

/// A source of random bytes: challenges, user handles, key pairs, initialization vectors.
pub trait Randomness: Send {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`RandomnessError`] when the source has none.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomnessError>;
}

/// The source of random bytes failed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no random bytes: {0}")]
pub struct RandomnessError(pub String);

/// The operating system's random bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        getrandom::fill(bytes).map_err(|error| RandomnessError(error.to_string()))
    }
}

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>(
    source: &mut dyn Randomness,
) -> Result<[u8; N], RandomnessError> {
    let mut bytes = [0; N];
    source.fill(&mut bytes)?;
    Ok(bytes)
}
