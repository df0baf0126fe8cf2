//! A device filter's rule, cut into tokens.

/// One token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Token {
    /// `(`, `)`, `[`, `]`, `,`.
    Mark(char),
    /// `device.trustType`, `-eq`, `and`, `true`.
    Word(String),
    /// What stands in quotes.
    Text(String),
}

/// `None` when a quote does not end.
pub(super) fn tokens(rule: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut chars = rule.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '(' | ')' | '[' | ']' | ',' => tokens.push(Token::Mark(c)),
            '"' | '\'' => tokens.push(Token::Text(quoted(&mut chars, c)?)),
            c => {
                let mut word = String::from(c);
                while let Some(c) =
                    chars.next_if(|c| !c.is_whitespace() && !"()[],\"'".contains(*c))
                {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

/// Up to the closing quote; a backtick escapes, as in PowerShell.
fn quoted(chars: &mut impl Iterator<Item = char>, quote: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            '`' => text.push(chars.next()?),
            c if c == quote => return Some(text),
            c => text.push(c),
        }
    }
}
