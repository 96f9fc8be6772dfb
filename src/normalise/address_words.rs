//! The words of an address that stand in a published list: street suffixes and secondary units.
//!
//! Answers: which one word do all forms of a word come to, and which is the whole one? Where a word
//! stands in its address is `addresses.rs`'s.
//!
//! Source: United States Postal Service, Publication 28, Postal Addressing Standards,
//! appendix C1 (street suffixes and their commonly used forms) and C2 (secondary unit
//! designators). Left out are suffixes that have one form only, and `FLAT`, which names a unit in
//! the addresses of other countries. `MDW` is `MEADOW` here; C1 has it for `MEADOWS` as well.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A standard abbreviation, the whole word, and what else is written for it: suffixes, and the
/// parts of a building that are numbered as streets are.
const SUFFIXES: &[&str] = &[
    "BLDG BUILDING",
    "FL FLOOR",
    "ALY ALLEY ALLEE ALLY",
    "AVE AVENUE AV AVEN AVENU AVN AVNUE",
    "BCH BEACH",
    "BLVD BOULEVARD BOUL BOULV",
    "BRG BRIDGE BRDGE",
    "BYP BYPASS BYPA BYPAS BYPS",
    "CSWY CAUSEWAY CAUSWA",
    "CTR CENTER CEN CENT CENTR CENTRE CNTER CNTR",
    "CIR CIRCLE CIRC CIRCL CRCL CRCLE",
    "CT COURT",
    "CV COVE",
    "CRES CRESCENT CRSENT CRSNT",
    "XING CROSSING CRSSNG",
    "DR DRIVE DRIV DRV",
    "ESTS ESTATES",
    "EXPY EXPRESSWAY EXP EXPR EXPRESS EXPW",
    "EXT EXTENSION EXTN EXTNSN",
    "FWY FREEWAY FREEWY FRWAY FRWY",
    "GDNS GARDENS GRDNS",
    "GRV GROVE GROV",
    "HTS HEIGHTS HT",
    "HWY HIGHWAY HIGHWY HIWAY HIWY HWAY",
    "HL HILL",
    "HLS HILLS",
    "HOLW HOLLOW HLLW HOLLOWS HOLWS",
    "JCT JUNCTION JCTION JCTN JUNCTN JUNCTON",
    "LK LAKE",
    "LNDG LANDING LNDNG",
    "LN LANE",
    "MNR MANOR",
    "MDWS MEADOWS MEDOWS",
    "MT MOUNT MNT",
    "PKWY PARKWAY PARKWY PKWAY PKY PARKWAYS PKWYS",
    "PL PLACE",
    "PLZ PLAZA PLZA",
    "PT POINT",
    "RDG RIDGE RDGE",
    "RD ROAD",
    "RTE ROUTE",
    "SHR SHORE SHOAR",
    "SPGS SPRINGS SPNGS SPRNGS",
    "SQ SQUARE SQR SQRE SQU",
    "STA STATION STATN STN",
    "ST STREET STRT STR",
    "TER TERRACE TERR",
    "TRL TRAIL TRAILS TRLS",
    "TPKE TURNPIKE TRNPK TURNPK",
    "VLY VALLEY VALLY VLLY",
    "VW VIEW",
    "VLG VILLAGE VILL VILLAG VILLG VILLIAGE",
    "WAY WAY WY",
];

/// Suffixes that are as often words of a street's or town's own name, `MILL RACE ST`: of these the
/// whole word is kept, wherever it stands.
const NAMES: &[&str] = &[
    "ANX ANNEX ANEX ANNX",
    "ARC ARCADE",
    "BYU BAYOU BAYOO",
    "BND BEND",
    "BLF BLUFF BLUF",
    "BLFS BLUFFS",
    "BTM BOTTOM BOT BOTTM",
    "BR BRANCH BRNCH",
    "BRK BROOK",
    "BRKS BROOKS",
    "BG BURG",
    "BGS BURGS",
    "CP CAMP CMP",
    "CYN CANYON CANYN CNYN",
    "CPE CAPE",
    "CTRS CENTERS",
    "CIRS CIRCLES",
    "CLF CLIFF",
    "CLFS CLIFFS",
    "CLB CLUB",
    "CMN COMMON",
    "CMNS COMMONS",
    "COR CORNER",
    "CORS CORNERS",
    "CRSE COURSE",
    "CTS COURTS",
    "CVS COVES",
    "CRK CREEK",
    "CRST CREST",
    "XRD CROSSROAD",
    "XRDS CROSSROADS",
    "CURV CURVE",
    "DL DALE",
    "DM DAM",
    "DV DIVIDE DIV DVD",
    "DRS DRIVES",
    "EST ESTATE",
    "EXTS EXTENSIONS",
    "FLS FALLS",
    "FRY FERRY FRRY",
    "FLD FIELD",
    "FLDS FIELDS",
    "FLTS FLATS",
    "FRD FORD",
    "FRDS FORDS",
    "FRST FOREST FORESTS",
    "FRG FORGE FORG",
    "FRGS FORGES",
    "FRK FORK",
    "FRKS FORKS",
    "FT FORT FRT",
    "GDN GARDEN GARDN GRDEN GRDN",
    "GTWY GATEWAY GATEWY GATWAY GTWAY",
    "GLN GLEN",
    "GLNS GLENS",
    "GRN GREEN",
    "GRNS GREENS",
    "GRVS GROVES",
    "HBR HARBOR HARB HARBR HRBOR",
    "HBRS HARBORS",
    "HVN HAVEN",
    "INLT INLET",
    "IS ISLAND ISLND",
    "ISS ISLANDS ISLNDS",
    "ISLE ISLE ISLES",
    "JCTS JUNCTIONS JCTNS",
    "KY KEY",
    "KYS KEYS",
    "KNL KNOLL KNOL",
    "KNLS KNOLLS",
    "LKS LAKES",
    "LGT LIGHT",
    "LGTS LIGHTS",
    "LF LOAF",
    "LCK LOCK",
    "LCKS LOCKS",
    "LDG LODGE LDGE LODG",
    "LOOP LOOP LOOPS",
    "MNRS MANORS",
    "MDW MEADOW",
    "ML MILL",
    "MLS MILLS",
    "MSN MISSION MISSN MSSN",
    "MTWY MOTORWAY",
    "MTN MOUNTAIN MNTAIN MNTN MOUNTIN MTIN",
    "MTNS MOUNTAINS MNTNS",
    "NCK NECK",
    "ORCH ORCHARD ORCHRD",
    "OVAL OVAL OVL",
    "OPAS OVERPASS",
    "PARK PARK PRK PARKS",
    "PSGE PASSAGE",
    "PATH PATH PATHS",
    "PIKE PIKE PIKES",
    "PNE PINE",
    "PNES PINES",
    "PLN PLAIN",
    "PLNS PLAINS",
    "PTS POINTS",
    "PRT PORT",
    "PRTS PORTS",
    "PR PRAIRIE PRR",
    "RADL RADIAL RAD RADIEL",
    "RNCH RANCH RANCHES RNCHS",
    "RPD RAPID",
    "RPDS RAPIDS",
    "RST REST",
    "RDGS RIDGES",
    "RIV RIVER RVR RIVR",
    "RDS ROADS",
    "SHL SHOAL",
    "SHLS SHOALS",
    "SHRS SHORES SHOARS",
    "SKWY SKYWAY",
    "SPG SPRING SPNG SPRNG",
    "SPUR SPUR SPURS",
    "SQS SQUARES SQRS",
    "STRA STRAVENUE STRAV STRAVEN STRAVN STRVN STRVNUE",
    "STRM STREAM STREME",
    "STS STREETS",
    "SMT SUMMIT SUMIT SUMITT",
    "TRWY THROUGHWAY",
    "TRCE TRACE TRACES",
    "TRAK TRACK TRACKS TRK TRKS",
    "TRFY TRAFFICWAY",
    "TUNL TUNNEL TUNEL TUNLS TUNNELS TUNNL",
    "UPAS UNDERPASS",
    "UN UNION",
    "UNS UNIONS",
    "VLYS VALLEYS",
    "VIA VIADUCT VDCT VIADCT",
    "VWS VIEWS",
    "VLGS VILLAGES",
    "VL VILLE",
    "VIS VISTA VIST VST VSTA",
    "WALK WALK WALKS",
    "WL WELL",
    "WLS WELLS",
];

/// Units that are not numbered as an apartment is, by their abbreviation.
const UNITS: &[&str] = &[
    "BSMT BASEMENT",
    "DEPT DEPARTMENT",
    "FRNT FRONT",
    "HNGR HANGAR HANGER",
    "LBBY LOBBY",
    "LOWR LOWER",
    "OFC OFFICE",
    "PH PENTHOUSE",
    "SPC SPACE",
    "TRLR TRAILER TRLRS",
    "UPPR UPPER",
];

/// What an identity has of every form, and whether it stands behind a name as a suffix does.
static KNOWN: LazyLock<HashMap<&str, (&str, bool)>> = LazyLock::new(|| {
    let forms = |line: &'static str, place: usize, suffix: bool| {
        let kept = line.split(' ').nth(place).expect("a line has an abbreviation and a word");
        line.split(' ').map(move |form| (form, (kept, suffix)))
    };
    let suffixes = SUFFIXES.iter().flat_map(|line| forms(line, 0, true));
    let names = NAMES.iter().flat_map(|line| forms(line, 1, false));
    let units = UNITS.iter().flat_map(|line| forms(line, 0, false));
    suffixes.chain(names).chain(units).collect()
});

/// One word for a street suffix or a unit that is no number, from any of its forms, itself
/// included.
pub(crate) fn standard_word(word: &str) -> Option<&'static str> {
    KNOWN.get(word).map(|(kept, _)| *kept)
}

/// Whether what stands before the word is a street's name.
pub(crate) fn ends_a_name(word: &str) -> bool {
    KNOWN.get(word).is_some_and(|(_, suffix)| *suffix)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[track_caller]
    fn check(word: &str, kept: Option<&str>, ends: bool) {
        assert_eq!((standard_word(word), ends_a_name(word)), (kept, ends), "{word}");
    }

    #[test]
    fn forms_have_the_word_of_their_line() {
        check("AVNUE", Some("AVE"), true);
        check("BOUL", Some("BLVD"), true);
        check("STR", Some("ST"), true);
        check("CRSSNG", Some("XING"), true);
        check("PARKWAYS", Some("PKWY"), true);
        check("FLOOR", Some("FL"), true);
        check("HRBOR", Some("HARBOR"), false);
        check("MDW", Some("MEADOW"), false);
        check("MEADOWS", Some("MDWS"), true);
        check("PENTHOUSE", Some("PH"), false);
        check("CRT", None, false);
        check("QUAY", None, false);
    }

    #[test]
    fn no_form_stands_for_two_words() {
        let mut lines: BTreeMap<&str, &str> = BTreeMap::new();
        for line in SUFFIXES.iter().chain(NAMES).chain(UNITS) {
            let mut forms: Vec<&str> = line.split(' ').collect();
            forms.sort_unstable();
            forms.dedup();
            for form in forms {
                assert_eq!(lines.insert(form, line), None, "{form}");
            }
        }
    }
}
