//! A device filter's rule as a tree. Lowest precedence first: `or`, `and`, `not`, comparison.

use super::tokens::{Token, tokens};

/// A rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Rule {
    Or(Vec<Self>),
    And(Vec<Self>),
    Not(Box<Self>),
    Compare(Comparison),
}

/// `device.model -notStartsWith "Surface"`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Comparison {
    /// Without `device.`.
    pub property: String,
    pub operator: Operator,
    /// Whether the operator is one of the `not` forms.
    pub negated: bool,
    pub values: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operator {
    Equals,
    In,
    StartsWith,
    EndsWith,
    Contains,
}

/// Parentheses and `not` that are followed; deeper rules are not read.
const MAX_DEPTH: u32 = 32;

/// The whole rule, or `None` when any of it is not understood.
pub(super) fn rule(text: &str) -> Option<Rule> {
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable() };
    let rule = parser.or(MAX_DEPTH)?;
    parser.tokens.next().is_none().then_some(rule)
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl Parser {
    fn or(&mut self, depth: u32) -> Option<Rule> {
        let mut rules = vec![self.and(depth)?];
        while self.word("or") {
            rules.push(self.and(depth)?);
        }
        single(rules, Rule::Or)
    }

    fn and(&mut self, depth: u32) -> Option<Rule> {
        let mut rules = vec![self.not(depth)?];
        while self.word("and") {
            rules.push(self.not(depth)?);
        }
        single(rules, Rule::And)
    }

    fn not(&mut self, depth: u32) -> Option<Rule> {
        let depth = depth.checked_sub(1)?;
        if self.word("not") {
            return Some(Rule::Not(Box::new(self.not(depth)?)));
        }
        if !self.mark('(') {
            return self.comparison().map(Rule::Compare);
        }
        let inner = self.or(depth)?;
        self.mark(')').then_some(inner)
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let property = strip_prefix(&self.any_word()?, "device.")?.to_owned();
        let (operator, negated) = operator(&self.any_word()?)?;
        let values = if operator == Operator::In { self.list()? } else { vec![self.value()?] };
        Some(Comparison { property, operator, negated, values })
    }

    fn list(&mut self) -> Option<Vec<String>> {
        if !self.mark('[') {
            return Some(vec![self.value()?]);
        }
        let mut values = vec![self.value()?];
        while self.mark(',') {
            values.push(self.value()?);
        }
        self.mark(']').then_some(values)
    }

    fn value(&mut self) -> Option<String> {
        match self.tokens.next()? {
            Token::Text(text) => Some(text),
            Token::Word(word) if !word.eq_ignore_ascii_case("null") => Some(word),
            // a property that is null is one that the input does not give
            Token::Word(_) | Token::Mark(_) => None,
        }
    }

    fn any_word(&mut self) -> Option<String> {
        match self.tokens.next()? {
            Token::Word(word) => Some(word),
            Token::Text(_) | Token::Mark(_) => None,
        }
    }

    fn mark(&mut self, mark: char) -> bool {
        self.tokens.next_if_eq(&Token::Mark(mark)).is_some()
    }

    /// `and` or `-and`, in any case.
    fn word(&mut self, wanted: &str) -> bool {
        let is = |token: &Token| match token {
            Token::Word(word) => {
                word.strip_prefix('-').unwrap_or(word).eq_ignore_ascii_case(wanted)
            }
            Token::Text(_) | Token::Mark(_) => false,
        };
        self.tokens.next_if(is).is_some()
    }
}

fn single(mut rules: Vec<Rule>, several: fn(Vec<Rule>) -> Rule) -> Option<Rule> {
    if rules.len() == 1 { rules.pop() } else { Some(several(rules)) }
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    (head.eq_ignore_ascii_case(prefix) && !tail.is_empty()).then_some(tail)
}

/// The operator and whether it is negated, from `-eq`, `-notIn`, …
fn operator(word: &str) -> Option<(Operator, bool)> {
    let word = word.strip_prefix('-')?.to_ascii_lowercase();
    if word == "ne" {
        return Some((Operator::Equals, true));
    }
    let (word, negated) = match word.strip_prefix("not") {
        Some(word) => (word, true),
        None => (word.as_str(), false),
    };
    let operator = match word {
        "eq" | "equals" => Operator::Equals,
        "in" => Operator::In,
        "startswith" => Operator::StartsWith,
        "endswith" => Operator::EndsWith,
        "contains" => Operator::Contains,
        _ => return None,
    };
    Some((operator, negated))
}
