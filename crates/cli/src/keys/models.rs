//! The names that metadata gives to models.

use crate::{
    args::TrustArgs,
    commands::verify_result,
    context::Context,
    document::verify::MetadataUsed,
    error::CliError,
    exit::Exit,
    trust::{self, Metadata},
};
use keyvet_ctap::Aaguid;
use keyvet_finding::Finding;
use std::rc::Rc;
use time::OffsetDateTime;

/// The names that metadata gives to models.
#[derive(Debug)]
pub(crate) struct Models {
    metadata: Option<Rc<Metadata>>,
    finding: Option<Finding>,
    at: OffsetDateTime,
}

impl Models {
    /// Names by the metadata that `args` name, or the imported one. A name is a help, so imported metadata that
    /// cannot be used is a finding; metadata that was asked for is an error.
    ///
    /// # Errors
    /// When metadata given on the command line cannot be used.
    pub(crate) fn read(args: &TrustArgs, context: &Context) -> Result<Self, CliError> {
        let at = context.at(args.signer.at.as_deref())?;
        let given = args.mds.is_some();
        let (metadata, finding) = match trust::metadata(args, at, context) {
            Ok(Some(metadata)) => (Some(Rc::new(metadata)), None),
            Ok(None) => {
                (None, Some(Finding::new(&trust::NO_METADATA, "none imported, none given")))
            }
            Err(error) if given || error.exit() == Exit::Usage => return Err(error),
            Err(error) => (None, Some(error.finding().clone())),
        };
        Ok(Self { metadata, finding, at })
    }

    /// Names by metadata that is there already.
    pub(crate) fn of(metadata: Option<&Rc<Metadata>>, at: OffsetDateTime) -> Self {
        Self { metadata: metadata.cloned(), finding: None, at }
    }

    /// What the metadata calls the model of `aaguid`.
    pub(crate) fn name(&self, aaguid: Aaguid) -> Option<String> {
        let entry = self.metadata.as_ref()?.catalogue.by_aaguid(&aaguid)?;
        entry.description.clone()
    }

    /// Why there are no names.
    pub(crate) fn finding(&self) -> Option<&Finding> {
        self.finding.as_ref()
    }

    /// The metadata, as documents name it.
    pub(crate) fn used(&self) -> Option<MetadataUsed> {
        self.metadata.as_ref().map(|metadata| verify_result::metadata_used(metadata, self.at))
    }
}
