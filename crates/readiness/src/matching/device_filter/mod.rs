//! `devices.deviceFilter`: the rule syntax of dynamic groups on properties of the device
//! (Conditional Access, Filter for devices, 2025-04-08).
//!
//! A property that the input does not give leaves the answer open when it depends on it. A rule that cannot
//! be read leaves it open too.

mod parse;
mod tokens;

use super::condition::Holds;
use crate::{Device, DeviceFilter};
use parse::{Comparison, Operator, Rule};
use std::cell::OnceCell;

/// Longest rule that is read; Microsoft's limit is 3072 characters.
const MAX_RULE_LEN_BYTES: usize = 16 << 10;

/// A filter, whose rule is read when it is first asked.
#[derive(Debug)]
pub(super) struct Filter<'a> {
    written: &'a DeviceFilter,
    /// `None` when keyvet cannot read it.
    rule: OnceCell<Option<Rule>>,
}

impl<'a> Filter<'a> {
    pub(super) fn new(written: &'a DeviceFilter) -> Self {
        Self { written, rule: OnceCell::new() }
    }

    fn rule(&self) -> Option<&Rule> {
        let text = &self.written.rule;
        let read = || if text.len() <= MAX_RULE_LEN_BYTES { parse::rule(text) } else { None };
        self.rule.get_or_init(read).as_ref()
    }
}

pub(super) fn apply(filter: Option<&Filter<'_>>, device: &Device) -> Holds {
    let Some(filter) = filter else { return Holds::Yes };
    let Some(rule) = filter.rule() else {
        return Holds::undecided("a device filter that keyvet can read");
    };
    let mut missing = Vec::new();
    match (truth(rule, device, &mut missing), filter.written.includes) {
        (Some(true), true) | (Some(false), false) => Holds::Yes,
        (Some(false), true) => Holds::No("device not included by the filter"),
        (Some(true), false) => Holds::No("device excluded by the filter"),
        (None, _) => Holds::Undecided(missing),
    }
}

/// Three-valued: `None` when it depends on a property that is not given, whose name is then added.
fn truth(rule: &Rule, device: &Device, missing: &mut Vec<String>) -> Option<bool> {
    match rule {
        Rule::Not(inner) => truth(inner, device, missing).map(|value| !value),
        Rule::And(rules) => decided(rules, false, device, missing),
        Rule::Or(rules) => decided(rules, true, device, missing),
        Rule::Compare(comparison) => {
            let known = property(device, &comparison.property);
            if known.is_none() {
                missing.push(format!("device.{}", comparison.property));
            }
            known.map(|value| compare(comparison, &value))
        }
    }
}

/// `and` is decided by the first false, `or` by the first true.
fn decided(rules: &[Rule], by: bool, device: &Device, missing: &mut Vec<String>) -> Option<bool> {
    let values: Vec<_> = rules.iter().map(|rule| truth(rule, device, missing)).collect();
    if values.contains(&Some(by)) {
        Some(by)
    } else if values.contains(&None) {
        None
    } else {
        Some(!by)
    }
}

/// What the input says of a property, by its Graph name in any case.
fn property(device: &Device, name: &str) -> Option<String> {
    let given = device.properties.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    given.map(|(_, value)| value.clone()).or_else(|| {
        if is("isCompliant") {
            device.compliant.map(|compliant| compliant.to_string())
        } else {
            let joined = is("trustType") && device.hybrid_joined == Some(true);
            joined.then(|| "ServerAD".to_owned())
        }
    })
}

/// Strings are compared without regard to case, as rules of dynamic groups are.
fn compare(comparison: &Comparison, value: &str) -> bool {
    let value = value.to_lowercase();
    let mut wanted = comparison.values.iter().map(|wanted| wanted.to_lowercase());
    let holds = match comparison.operator {
        Operator::Equals | Operator::In => wanted.any(|wanted| value == wanted),
        Operator::StartsWith => wanted.any(|wanted| value.starts_with(&wanted)),
        Operator::EndsWith => wanted.any(|wanted| value.ends_with(&wanted)),
        Operator::Contains => wanted.any(|wanted| value.contains(&wanted)),
    };
    holds != comparison.negated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(properties: &[(&str, &str)]) -> Device {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Device { properties: properties.iter().map(own).collect(), ..Device::default() }
    }

    fn asked(rule: &str, includes: bool, device: &Device) -> Holds {
        let filter = DeviceFilter { includes, rule: rule.to_owned() };
        apply(Some(&Filter::new(&filter)), device)
    }

    #[test]
    fn operators_compare_without_case() {
        let laptop = device(&[("model", "Surface Pro"), ("trustType", "AzureAD")]);
        for (rule, holds) in [
            (r#"device.trustType -eq "azuread""#, true),
            (r#"device.trusttype -ne 'AzureAD'"#, false),
            (r#"(device.model -startsWith "surface")"#, true),
            (r#"device.model -notEndsWith "Pro""#, false),
            (r#"device.model -contains "face""#, true),
            (r#"device.trustType -in ["ServerAD", "AzureAD"]"#, true),
            (r#"device.trustType -notIn ["ServerAD"]"#, true),
            (r#"not (device.trustType -eq "AzureAD") or device.model -eq "X""#, false),
            (r#"device.trustType -eq "AzureAD" -and device.model -eq "Surface Pro""#, true),
            (r#"device.model -eq "a`"b""#, false),
        ] {
            let expected =
                if holds { Holds::Yes } else { Holds::No("device not included by the filter") };
            assert_eq!(asked(rule, true, &laptop), expected, "{rule}");
            let excluded = Holds::when(!holds, "device excluded by the filter");
            assert_eq!(asked(rule, false, &laptop), excluded, "{rule}");
        }
    }

    #[test]
    fn what_is_known_of_the_device_answers_too() {
        let device =
            Device { compliant: Some(true), hybrid_joined: Some(true), ..Device::default() };
        assert_eq!(asked("device.isCompliant -eq True", true, &device), Holds::Yes);
        assert_eq!(asked(r#"device.trustType -eq "ServerAD""#, true, &device), Holds::Yes);
    }

    #[test]
    fn a_property_that_is_not_given_is_asked_for_when_it_matters() {
        let rule = r#"device.extensionAttribute1 -eq "SAW" -or device.model -eq "X""#;
        let open = Holds::Undecided(vec!["device.extensionAttribute1".to_owned()]);
        assert_eq!(asked(rule, true, &device(&[("model", "Y")])), open);
        assert_eq!(asked(rule, true, &device(&[("model", "X")])), Holds::Yes);
    }

    #[test]
    fn a_rule_that_cannot_be_read_is_undecided() {
        let deep = "(".repeat(10_000);
        for rule in [
            "",
            "device.model",
            "device.model -match \"x\"",
            "user.department -eq \"x\"",
            "device.model -eq \"x",
            "device.model -eq null",
            "device.model -eq \"x\" and",
            "device.model -in [\"x\"",
            "(device.model -eq \"x\"",
            "device. -eq \"x\"",
            &deep,
            &"not ".repeat(3000),
        ] {
            assert!(matches!(asked(rule, true, &device(&[])), Holds::Undecided(_)), "{rule:.40}");
        }
        assert_eq!(apply(None, &device(&[])), Holds::Yes);
    }
}
