//! Invented names: of people by number, of streets, shops and firms by list.

/// A name that no other number has: 0 to 9,999 have a first and a last name, later numbers a
/// middle initial or two beside them.
pub fn person(number: usize) -> String {
    let pairs = FIRST.len() * LAST.len();
    // The prime spreads neighbours over both lists; it divides neither length.
    let pair = (number % pairs) * 7919 % pairs;
    let first = FIRST[pair % FIRST.len()];
    let last = LAST[pair / FIRST.len()];
    let middle = match number / pairs {
        0 => String::new(),
        round => initials(round - 1),
    };
    format!("{first} {middle}{last}")
}

fn initials(number: usize) -> String {
    let letter = |at: usize| char::from(b'A' + (at % 26) as u8);
    match number / 26 {
        0 => format!("{}. ", letter(number)),
        round => format!("{}{}", initials(round - 1), format_args!("{}. ", letter(number))),
    }
}

const FIRST: [&str; 100] = [
    "Ada", "Alban", "Alina", "Amos", "Anton", "Beatrix", "Benno", "Bram", "Bridget", "Callum",
    "Carys", "Cedric", "Celia", "Clement", "Cora", "Cyrus", "Dagny", "Damaris", "Darius", "Delia",
    "Dinah", "Edda", "Edmund", "Elias", "Elsbeth", "Emeric", "Enid", "Esme", "Ewan", "Fabian",
    "Farah", "Felix", "Fergus", "Flora", "Gemma", "Gideon", "Greta", "Gwen", "Hana", "Hector",
    "Hedda", "Hugo", "Ida", "Idris", "Imogen", "Ines", "Isaac", "Ivo", "Jarek", "Jemima",
    "Joaquin", "Jonas", "Judith", "Kamil", "Katya", "Kerstin", "Killian", "Lars", "Leonie",
    "Lorcan", "Lowell", "Lydia", "Magnus", "Maren", "Marius", "Maude", "Milo", "Miriam", "Moira",
    "Nadia", "Nestor", "Niall", "Noemi", "Odette", "Olaf", "Orla", "Oscar", "Otis", "Petra",
    "Phoebe", "Piers", "Quentin", "Ramona", "Rhys", "Rosalind", "Rufus", "Sabine", "Samir",
    "Selma", "Silas", "Sunniva", "Tamsin", "Tibor", "Ulla", "Vera", "Viggo", "Wanda", "Wilf",
    "Xenia", "Yara",
];

const LAST: [&str; 100] = [
    "Abernathy",
    "Achterberg",
    "Alderwick",
    "Ambrose",
    "Arkwell",
    "Ashdown",
    "Barrowby",
    "Beckford",
    "Bellweather",
    "Birkett",
    "Blackthorn",
    "Bramwell",
    "Brightwater",
    "Calloway",
    "Carnforth",
    "Castlemere",
    "Chadbourne",
    "Clavering",
    "Coldridge",
    "Copperfield",
    "Cranbrook",
    "Dalgleish",
    "Darrowby",
    "Deverell",
    "Dunmore",
    "Eastlake",
    "Edgecombe",
    "Ellingham",
    "Everdene",
    "Fairweather",
    "Falconer",
    "Farthing",
    "Fenwick",
    "Foxcroft",
    "Galbraith",
    "Garrick",
    "Glasswell",
    "Gorringe",
    "Greystone",
    "Hadleigh",
    "Halloran",
    "Hartwell",
    "Hathersage",
    "Hawksmoor",
    "Heatherly",
    "Holloway",
    "Hollis",
    "Inglewood",
    "Ironside",
    "Jessop",
    "Kestle",
    "Kingsley",
    "Kirkbride",
    "Lambourne",
    "Langtry",
    "Larkspur",
    "Lattimer",
    "Leominster",
    "Linfield",
    "Lockhart",
    "Longmire",
    "Marchbanks",
    "Marlowe",
    "Merriweather",
    "Mickleham",
    "Nettlefold",
    "Nightingale",
    "Oakhanger",
    "Oldroyd",
    "Ormsby",
    "Osgood",
    "Padgett",
    "Pemberley",
    "Pennywell",
    "Pickering",
    "Quillfeather",
    "Radcliffe",
    "Ravenscar",
    "Redfern",
    "Rookwood",
    "Sallow",
    "Satterthwaite",
    "Sedgewick",
    "Silverton",
    "Standish",
    "Stonecroft",
    "Tattersall",
    "Thistlewood",
    "Thornbury",
    "Tolliver",
    "Underhill",
    "Varley",
    "Wainwright",
    "Waverly",
    "Westcott",
    "Whitlock",
    "Wildsmith",
    "Winterbourne",
    "Wolfenden",
    "Yarrow",
];

/// Streets of Eastmarsh, the invented town. Harbor Street is left to the storefronts.
pub const STREETS: [&str; 24] = [
    "Tallow Lane",
    "Saltpan Road",
    "Mill Race Street",
    "Cordage Row",
    "Kelp Street",
    "Lantern Hill Road",
    "Oakum Street",
    "Gull Court",
    "Copperas Lane",
    "Ferry Landing Road",
    "Breakwater Avenue",
    "Chandler Street",
    "Windlass Way",
    "Barnacle Street",
    "Tidemill Lane",
    "Sailmaker Street",
    "Foghorn Road",
    "Ropewalk Lane",
    "Sandbar Avenue",
    "Anchor Yard",
    "Cannery Row East",
    "Netmender Street",
    "Pilot House Road",
    "Customs Wharf",
];

/// Firms of a block, by kind of trade; the number of the block is added beyond the first.
pub const BUSINESSES: [&str; 14] = [
    "Kelp & Anchor Fish Market LLC",
    "Eastmarsh Hardware Supply Inc",
    "Tallow Lane Bakery LLC",
    "Breakwater Auto Repair LLC",
    "Cordage Row Dental PC",
    "Lantern Hill Landscaping LLC",
    "Windlass Freight Inc",
    "Gull Court Veterinary PC",
    "Sailmaker Print Shop LLC",
    "Mill Race Brewing Co LLC",
    "Chandler Street Books LLC",
    "Foghorn Plumbing Inc",
    "Netmender Tailoring LLC",
    "Pilot House Diner LLC",
];

/// Shops that appear on card lines only; no records of theirs are held.
pub const SHOPS: [&str; 12] = [
    "MARLOW MARKET",
    "GREENLEAF GROCERY",
    "SALTPAN FUEL",
    "HARBORSIDE PHARMACY",
    "TIN KETTLE CAFE",
    "BRINE & BARREL",
    "OAKUM OUTFITTERS",
    "CORNER LARDER",
    "MOONSHELL CINEMA",
    "PENNY PINE THRIFT",
    "ROSEHIP FLORIST",
    "EASTMARSH TRANSIT",
];

/// Employers whose accounts stand at banks that produced nothing.
pub const OUTSIDE_EMPLOYERS: [&str; 5] = [
    "Eastmarsh School District",
    "Marsh County Clinic",
    "Northgate Shipyards Inc",
    "Saltpan Cannery Inc",
    "Bluefin Insurance Group",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_numbers_share_a_name() {
        let names: std::collections::BTreeSet<String> = (0..30_000).map(person).collect();
        assert_eq!(names.len(), 30_000);
        assert!(!person(0).contains('.'));
        assert!(person(10_000).contains(". "));
    }
}
