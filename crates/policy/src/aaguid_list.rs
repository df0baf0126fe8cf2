//! A plain list of allowed AAGUIDs: the policy of a relying party that has nothing finer.
//!
//! Semantics: a model on the list is let in, any other is kept out, at registration and at every
//! sign-in. The list demands no attestation, so a match on an AAGUID that is only claimed is accepted
//! and says so.

use crate::error::PolicyError;
use crate::json::{At, Json};
use crate::model::{
    AaguidRule, Applies, Attestation, ListMode, ListedModel, Moments, Policy, Profile, Provider,
    Requirements, Roots, Stated, Types,
};

/// Reads one AAGUID per line; `#` starts a comment.
pub(crate) fn read_text(text: &str) -> Result<Policy, PolicyError> {
    let place = |i: usize| format!("line {}", i.saturating_add(1));
    let rows = text.lines().enumerate().filter_map(|(i, line)| {
        let row = line.split('#').next().unwrap_or_default().trim();
        (!row.is_empty()).then(|| (place(i), row))
    });
    policy(rows)
}

/// Reads a JSON array of strings.
pub(crate) fn read_json(json: &Json) -> Result<Policy, PolicyError> {
    let items = At::root(json).array()?;
    let rows = items.iter().map(|item| item.text().map(|text| (item.path.clone(), text)));
    policy(rows.collect::<Result<Vec<_>, _>>()?.into_iter())
}

fn policy<'a>(rows: impl Iterator<Item = (String, &'a str)>) -> Result<Policy, PolicyError> {
    let list = rows.map(|(place, row)| listed(place, row)).collect::<Result<Vec<_>, _>>()?;
    if list.is_empty() {
        return Err(PolicyError::ListEmpty);
    }
    Ok(Policy {
        provider: Provider::AaguidList,
        enabled: Stated::Value(true),
        self_service: Stated::Value(true),
        include: Stated::Value(Vec::new()),
        exclude: Stated::Value(Vec::new()),
        profiles: vec![profile(list)],
        findings: Vec::new(),
    })
}

fn listed(place: String, row: &str) -> Result<ListedModel, PolicyError> {
    match ListedModel::read(row) {
        model @ ListedModel::Aaguid { .. } => Ok(model),
        ListedModel::Other(text) => {
            Err(PolicyError::ListRow { place, text: text.chars().take(80).collect() })
        }
    }
}

fn profile(list: Vec<ListedModel>) -> Profile {
    Profile {
        id: "list".to_owned(),
        name: "AAGUID list".to_owned(),
        requirements: Requirements {
            attestation: Stated::Value(Attestation::NotDemanded),
            roots: Roots::Metadata,
            aaguids: Stated::Value(AaguidRule { mode: ListMode::Allow, list }),
            types: Stated::Value(Types { device_bound: true, synced: true, other: Vec::new() }),
            certification_min: None,
            user_verification: None,
            applies: Applies {
                attestation: Moments::Registration,
                aaguids: Moments::RegistrationAndSignIn,
                types: Moments::RegistrationAndSignIn,
            },
            unjudged: Vec::new(),
        },
    }
}
