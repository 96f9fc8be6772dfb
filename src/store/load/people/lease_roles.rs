//! What a cell of tenants says of the people in it beside their names.
//!
//! `Jane Roe & John Roe, as joint tenants; guarantor: Paul Vane` names two tenants and one who
//! answers for them. Taken as it stands, a guarantor would be a tenant of the premises.

/// What whoever stands in the cell is, unless it says otherwise.
const TENANT: &str = "tenant-of";

/// Words for a role, and the relation they mean.
const ROLES: [(&str, &str); 6] = [
    ("tenant", TENANT),
    ("tenants", TENANT),
    ("guarantor", "guarantees"),
    ("guarantors", "guarantees"),
    ("occupant", "occupant-of"),
    ("occupants", "occupant-of"),
];

/// What is said of tenants together, behind the last of them.
const TOGETHER: [&str; 6] = [
    "as joint tenants",
    "joint tenants",
    "as tenants in common",
    "tenants in common",
    "jointly and severally",
    "jointly",
];

/// The names of a cell without such words, each with its relation. A role that stands before a
/// name, as in `guarantor: Paul Vane`, holds for that name alone; so does one in brackets behind.
/// One in the plural, as in `guarantors: Paul Vane & Ann Poe`, holds for those that follow too.
pub fn by_role(cell: &[String]) -> Vec<(&'static str, String)> {
    let mut going_on = TENANT;
    let people = cell.iter().map(|text| one(text, &mut going_on));
    people.filter(|(_, name)| !name.is_empty()).collect()
}

fn one(text: &str, going_on: &mut &'static str) -> (&'static str, String) {
    let text = text.trim();
    if let Some((word, name)) = text.split_once(':')
        && let Some(role) = role(word)
    {
        let several = word.trim().to_lowercase().ends_with('s');
        *going_on = if several { role } else { TENANT };
        return (role, name.trim().to_owned());
    }
    if let Some((name, word)) = text.strip_suffix(')').and_then(|rest| rest.rsplit_once('('))
        && let Some(role) = role(word)
    {
        return (role, name.trim().to_owned());
    }
    (*going_on, without_together(text).to_owned())
}

fn role(word: &str) -> Option<&'static str> {
    let lower = word.trim().to_lowercase();
    ROLES.iter().find(|(known, _)| *known == lower).map(|(_, role)| *role)
}

fn without_together(text: &str) -> &str {
    let ends_with = |words: &str| {
        let start = text.len().checked_sub(words.len())?;
        let (name, end) = text.split_at_checked(start)?;
        let name = name.trim_end();
        // A name that the words belong to has no comma before them.
        (end.eq_ignore_ascii_case(words) && name.ends_with(',')).then(|| name.trim_end_matches(','))
    };
    TOGETHER.iter().find_map(|words| ends_with(words)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &[&str], people: &[(&str, &str)]) {
        let cell: Vec<String> = cell.iter().map(|name| (*name).to_owned()).collect();
        let found = by_role(&cell);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(role, name)| (*role, name.as_str())).collect();
        assert_eq!(found, people);
    }

    #[test]
    fn a_guarantor_in_the_cell_of_tenants_is_no_tenant() {
        check(
            &["Jane Roe", "John Roe, as joint tenants", "guarantor: Paul Vane"],
            &[("tenant-of", "Jane Roe"), ("tenant-of", "John Roe"), ("guarantees", "Paul Vane")],
        );
        check(
            &["Jane Roe", "Guarantors: Paul Vane", "Ann Poe", "tenant: Cy Roe", "Di Roe"],
            &[
                ("tenant-of", "Jane Roe"),
                ("guarantees", "Paul Vane"),
                ("guarantees", "Ann Poe"),
                ("tenant-of", "Cy Roe"),
                ("tenant-of", "Di Roe"),
            ],
        );
        check(&["Cy Roe (Guarantor)"], &[("guarantees", "Cy Roe")]);
        check(&["Occupants: Ann Poe"], &[("occupant-of", "Ann Poe")]);
    }

    #[test]
    fn names_that_hold_such_words_stay_whole() {
        check(&["Guarantor Mutual LLC"], &[("tenant-of", "Guarantor Mutual LLC")]);
        check(&["Tenants in Common"], &[("tenant-of", "Tenants in Common")]);
        check(&["Poe (Ann)"], &[("tenant-of", "Poe (Ann)")]);
        check(&["c/o: Ann Poe"], &[("tenant-of", "c/o: Ann Poe")]);
        check(&["Ölmüller, jointly"], &[("tenant-of", "Ölmüller")]);
    }
}
