//! `keyvet readiness export-help` as text: what to call, and three ways to call it.

use super::Style;
use crate::document::readiness::{ExportCall, ExportHelpDocument};
use std::fmt::Write;

/// The calls, and the lines to paste.
pub(super) fn text(document: &ExportHelpDocument, style: Style) -> String {
    let mut text = format!("{INTRODUCTION}\n");
    for call in &document.calls {
        let _ = writeln!(
            text,
            "\n  {}  {}\n    {}\n    GET {}\n    permission {}",
            style.strong(call.file),
            if call.required { "(needed)" } else { "(where you have it)" },
            call.holds,
            call.url,
            call.permission
        );
    }
    section(&mut text, POWERSHELL, document, style, |call| {
        format!("Invoke-MgGraphRequest -Uri '{}' -OutputFilePath export/{}", call.url, call.file)
    });
    section(&mut text, AZ, document, style, |call| {
        format!("az rest --url '{}' > export/{}", call.url, call.file)
    });
    section(&mut text, CURL, document, style, |call| {
        let (url, file) = (call.url, call.file);
        format!("curl -fsSg -H \"Authorization: Bearer $TOKEN\" '{url}' -o export/{file}")
    });
    let _ = writeln!(text, "\n{CLOSING}");
    text
}

/// What the calls are made with.
struct Tool {
    name: &'static str,
    /// Lines before the calls.
    first: &'static str,
}

fn section(
    text: &mut String,
    tool: Tool,
    document: &ExportHelpDocument,
    style: Style,
    line: impl Fn(&ExportCall) -> String,
) {
    let _ = writeln!(text, "\n{}", style.strong(tool.name));
    for first in tool.first.lines() {
        let _ = writeln!(text, "  {first}");
    }
    for call in &document.calls {
        let _ = writeln!(text, "  {}", line(call));
    }
}

const INTRODUCTION: &str = "\
What keyvet reads of a tenant. Every call is a GET of Microsoft Graph and changes nothing; keyvet itself asks no
network. Whoever has the role Global Reader may make all of them. Save each answer as it is, in one folder:";

const POWERSHELL: Tool = Tool {
    name: "With PowerShell (module Microsoft.Graph.Authentication)",
    first: "New-Item -ItemType Directory -Force export\n\
        Connect-MgGraph -Scopes Policy.Read.All, User.Read.All, AuditLog.Read.All",
};

const AZ: Tool = Tool {
    name: "With the Azure CLI, signed in as an application that has these permissions",
    first: "mkdir -p export",
};

const CURL: Tool = Tool {
    name: "With curl, and a token that has these permissions in $TOKEN",
    first: "mkdir -p export",
};

const CLOSING: &str = "\
Files are told apart by what they hold: other names, one file with everything, and UTF-16 from PowerShell are read
as well. A long answer comes in pages: where one ends with \"@odata.nextLink\", get that address too and save it
beside the first, as users-2.json and so on. keyvet says when a page is missing.

Groups: where policies include or exclude groups, write down who is in them (nested groups included), as groups.json:

  [{ \"id\": \"(id of the group)\", \"members\": [\"(id of a user)\", \"(id of a user)\"] }]

In PowerShell (module Microsoft.Graph.Groups, permission GroupMember.Read.All), with the ids of your groups:

  $ids = 'GROUP-1', 'GROUP-2'
  ConvertTo-Json -Depth 4 @($ids | % { @{ id = $_; members = @((Get-MgGroupTransitiveMember -GroupId $_ -All).Id) } }) |
    Set-Content export/groups.json

One person is enough for a first question. Save this as user.json, with what is true of them:

  { \"displayName\": \"Adele Vance\", \"groups\": [],
    \"registered\": [{ \"mode\": \"password\" }, { \"mode\": \"microsoftAuthenticatorPush\" }] }

Then ask:

  keyvet readiness --tenant export/ --as user.json --on windows/edge --signed-in-with password+push
  keyvet readiness --tenant export/ --matrix --format html > readiness.html";
