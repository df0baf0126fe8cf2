//! Sets of rules that reasons cite, by the numbers of the rules.

use crate::{Rule, rules};

/// Rules behind one reason.
pub(in crate::sign_in) type Rules = &'static [&'static Rule];

pub(in crate::sign_in) static NONE: Rules = &[];
pub(in crate::sign_in) static R1: Rules = &[&rules::R1];
pub(in crate::sign_in) static R3: Rules = &[&rules::R3];
pub(in crate::sign_in) static R3_R4: Rules = &[&rules::R3, &rules::R4];
pub(in crate::sign_in) static R3_R13: Rules = &[&rules::R3, &rules::R13];
pub(in crate::sign_in) static R4: Rules = &[&rules::R4];
pub(in crate::sign_in) static R5: Rules = &[&rules::R5];
pub(in crate::sign_in) static R5_R4: Rules = &[&rules::R5, &rules::R4];
pub(in crate::sign_in) static R5_R6: Rules = &[&rules::R5, &rules::R6];
pub(in crate::sign_in) static R9: Rules = &[&rules::R9];
pub(in crate::sign_in) static R10: Rules = &[&rules::R10];
pub(in crate::sign_in) static R12: Rules = &[&rules::R12];
pub(in crate::sign_in) static R13_R12: Rules = &[&rules::R13, &rules::R12];
pub(in crate::sign_in) static R15_R12: Rules = &[&rules::R15, &rules::R12];
pub(in crate::sign_in) static R18: Rules = &[&rules::R18];
pub(in crate::sign_in) static R20_R4: Rules = &[&rules::R20, &rules::R4];
