//! Accounts, agents and parties as ISO 20022 writes them, in every version.

use crate::records::elements::Element;

/// The number of an account element such as `Acct` or `CdtrAcct`.
pub fn account_number(account: &Element) -> &str {
    account.first_text(&["Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN", "Id/UPIC"])
}

/// What names an agent such as `CdtrAgt`: its BIC, else its clearing number, else its name.
pub fn agent(agent: &Element) -> String {
    let of = |name: &str| format!("FinInstnId/{name}");
    let paths = [
        of("BICFI"),
        of("BIC"),
        of("CmbndId/BIC"),
        of("ClrSysMmbId/MmbId"),
        of("ClrSysMmbId/Id"),
        of("Nm"),
        of("NmAndAdr/Nm"),
        of("CmbndId/Nm"),
        of("Othr/Id"),
        of("PrtryId/Id"),
    ];
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    agent.first_text(&paths).to_owned()
}

/// The name of a party such as `Cdtr`: a person, an organisation or, of late, a bank.
pub fn party_name(party: &Element) -> &str {
    party.first_text(&[
        "Nm",
        "Pty/Nm",
        "Agt/FinInstnId/Nm",
        "Agt/FinInstnId/BICFI",
        "FinInstnId/Nm",
    ])
}

/// One end of a payment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct End {
    pub account: String,
    pub name: String,
    pub bank: String,
}

impl End {
    /// The end whose elements begin with `side`: `Dbtr` or `Cdtr`. Who ultimately pays or
    /// receives names it only where nobody nearer does.
    pub fn read(parties: Option<&Element>, agents: Option<&Element>, side: &str) -> End {
        let part = |from: Option<&'_ Element>, name: String| -> Option<Element> {
            from.and_then(|from| from.first(&name)).cloned()
        };
        let account = part(parties, format!("{side}Acct"));
        let nearest = [side.to_owned(), format!("Ultmt{side}")];
        let named = nearest.into_iter().filter_map(|name| part(parties, name));
        let mut name = named
            .map(|party| party_name(&party).to_owned())
            .find(|name| !name.is_empty())
            .unwrap_or_default();
        if name.is_empty() {
            name = account.as_ref().map_or("", |account| account.text_at("Nm")).to_owned();
        }
        End {
            account: account.as_ref().map_or("", account_number).to_owned(),
            name,
            bank: part(agents, format!("{side}Agt")).as_ref().map(agent).unwrap_or_default(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.account.is_empty() && self.name.is_empty()
    }

    /// Whether its account is that one, spaces aside.
    pub fn is_account(&self, number: &str) -> bool {
        let plain = |text: &str| text.split_whitespace().collect::<String>().to_ascii_uppercase();
        !self.account.is_empty() && plain(&self.account) == plain(number)
    }
}
