//! Times in every form, through one `check`, and what is refused with which remedy.

use proptest::prelude::*;

use super::*;
use crate::model::{day_text, time_text};

fn reader(format: Option<&str>, zone_stated: bool) -> TimeReader {
    let zone = TimeZone::get("America/New_York").unwrap();
    TimeReader::new(format, zone.clone(), zone, zone_stated).unwrap()
}

#[track_caller]
fn check(format: Option<&str>, text: &str, expected: &str) {
    let read = reader(format, true).read(text).expect(text);
    let zone = TimeZone::get("America/New_York").unwrap();
    let shown = match read.stamp.timed {
        true => time_text(read.stamp.ms, &zone),
        false => day_text(read.stamp.day),
    };
    let mark = if read.ambiguous { " ambiguous" } else { "" };
    assert_eq!(format!("{shown}{mark}"), expected, "{text:?}");
    assert!(shown.starts_with(&day_text(read.stamp.day)), "{text:?}");
}

#[track_caller]
fn refused(format: Option<&str>, text: &str, expected: &str, hint: Option<&str>) {
    let problem = reader(format, true).read(text).expect_err(text);
    assert_eq!(problem.to_string(), expected, "{text:?}");
    assert_eq!(problem.hint(), hint, "{text:?}");
}

#[test]
fn iso_times_read_without_a_format() {
    check(None, "2024-03-31", "2024-03-31");
    check(None, " 20240331 ", "2024-03-31");
    check(None, "2024-03-31T14:05", "2024-03-31T14:05:00-04:00");
    check(None, "2024-03-31 14:05:09", "2024-03-31T14:05:09-04:00");
    check(None, "2024-03-31T14:05:09.5Z", "2024-03-31T10:05:09.5-04:00");
    check(None, "2024-03-31T02:05:09+00:00", "2024-03-30T22:05:09-04:00");
    check(None, "2024-03-31 14:05:09 -0400", "2024-03-31T14:05:09-04:00");
    check(None, "2024-11-03T01:30:00", "2024-11-03T01:30:00-04:00 ambiguous");
    check(None, "2024-11-03T01:30:00-05:00", "2024-11-03T01:30:00-05:00");
}

#[test]
fn formats_read_what_they_say() {
    check(Some("%m/%d/%Y"), "3/4/2024", "2024-03-04");
    check(Some("%d/%m/%Y"), "03/04/2024", "2024-04-03");
    check(Some("%d.%m.%Y"), "31.03.2024", "2024-03-31");
    check(Some("%Y/%m/%d %H:%M"), "2022/09/01 00:20", "2022-09-01T00:20:00-04:00");
    check(Some("%Y-%m-%d %H:%M:%S.%f"), "2024-03-31 14:05:09.250", "2024-03-31T14:05:09.25-04:00");
    check(Some("%m/%d/%Y %I:%M:%S %p"), "03/31/2024 12:05:09 AM", "2024-03-31T00:05:09-04:00");
    check(Some("%d %b %Y"), "31 Mar 2024", "2024-03-31");
    check(Some("%m/%d/%y"), "03/31/24", "2024-03-31");
    check(Some("%s"), "1711893900", "2024-03-31T10:05:00-04:00");
    check(Some("%s%3f"), "1711893900250", "2024-03-31T10:05:00.25-04:00");
    check(Some("%d%b%Y"), "03APR2026", "2026-04-03");
    check(Some("serial"), "46112", "2026-03-31");
    check(Some("serial"), "46112.0", "2026-03-31");
    check(Some("serial"), "61", "1900-03-01");
    check(Some("serial"), "46112.5869212963", "2026-03-31T14:05:10-04:00");
    check(Some("serial"), "2026-03-31", "2026-03-31");
    check(Some("serial-1904"), "44650", "2026-03-31");
}

#[test]
fn what_cannot_be_read_in_one_way_is_refused() {
    let iso = "a time such as 2024-03-31 or 2024-03-31T14:05:00-04:00";
    let both = Some("set format = \"%m/%d/%Y\" or \"%d/%m/%Y\" for the field");
    refused(None, "03/04/2024", iso, both);
    refused(None, "03/31/2024", iso, Some("set format = \"%m/%d/%Y\" for the field"));
    refused(None, "31/03/2024", iso, Some("set format = \"%d/%m/%Y\" for the field"));
    refused(None, "1711893900", iso, Some("set format = \"%s\" for the field"));
    refused(None, "soon", iso, None);
    refused(
        None,
        "46112",
        iso,
        Some(
            "a spreadsheet program may have written the number of a day: set format = \
             \"serial\" (2026-03-31) or \"serial-1904\" (2030-04-01) for the field",
        ),
    );
    refused(None, "03APR2026", iso, Some("set format = \"%d%b%Y\" for the field"));
    refused(None, "2026.03.31", iso, Some("set format = \"%Y.%m.%d\" for the field"));
    refused(None, "Mar 3, 2026", iso, Some("set format = \"%b %d, %Y\" for the field"));
    refused(None, "033126", iso, Some("set format = \"%m%d%y\" for the field"));
    refused(
        None,
        "03312026",
        "a day and time that exist",
        Some("set format = \"%m%d%Y\" for the field"),
    );
    refused(
        None,
        "030426",
        iso,
        Some("set format = \"%y%m%d\" or \"%m%d%y\" or \"%d%m%y\" for the field"),
    );
    refused(None, "", "a time, not an empty field", None);
    refused(None, "2024-02-30", "a day and time that exist", None);
    refused(None, "2024-03-31T24:00", "a day and time that exist", None);
    refused(None, "1899-12-31", "a year from 1900 to 2199", None);
    refused(None, "2200-01-01", "a year from 1900 to 2199", None);
    refused(Some("%s"), "99999999999999999", "a year from 1900 to 2199", None);
    let month = "a time in the form %m/%d/%Y";
    refused(
        Some("%m/%d/%Y"),
        "2024-03-31",
        month,
        Some("remove format from the field: ISO 8601 is read without one"),
    );
    refused(
        Some("%m/%d/%Y"),
        "31/03/2024",
        "a day and time that exist",
        Some("set format = \"%d/%m/%Y\" for the field"),
    );
    let skipped = reader(None, true).read("2024-03-10T02:30:00").unwrap_err();
    assert!(skipped.to_string().contains("set forward"), "{skipped}");
}

#[test]
fn a_time_whose_zone_nobody_stated_is_refused_and_a_date_is_not() {
    let unstated = reader(None, false);
    let problem = unstated.read("2024-03-31T14:05:00").unwrap_err();
    assert!(problem.hint().unwrap().starts_with("set timezone = "), "{problem:?}");
    assert!(unstated.read("2024-03-31T14:05:00Z").is_ok());
    assert!(unstated.read("2024-03-31").is_ok());
}

#[test]
fn a_weekday_must_fit_its_date() {
    let month = Some("%m/%d/%Y");
    check(month, "Tue 03/31/2026", "2026-03-31");
    check(None, "Tuesday, 2026-03-31", "2026-03-31");
    check(Some("%b %d, %Y"), "Tuesday, March 31, 2026", "2026-03-31");
    check(Some("%b %d, %Y"), "Wed, Sept. 2, 2026", "2026-09-02");
    check(Some("%B %d, %Y"), "Sept. 2, 2026", "2026-09-02");
    let ask = Some("ask the producer which of the two is right");
    let fits = "a weekday that fits its date: 2026-03-31 is a Tuesday";
    refused(month, "Mon 03/31/2026", fits, ask);
    let other = Some("set format = \"%d/%m/%Y\" for the field");
    let fits = "a weekday that fits its date: 2026-03-04 is a Wednesday";
    refused(month, "Fri 03/04/2026", fits, other);
    // A format that reads the weekday itself asks the same.
    assert!(reader(Some("%a %m/%d/%Y"), true).read("Mon 03/31/2026").is_err());
}

#[test]
fn letters_of_a_zone_must_be_those_of_its_clocks() {
    let clock = Some("%m/%d/%Y %I:%M:%S %p");
    check(clock, "03/31/2026 10:15:00 AM EDT", "2026-03-31T10:15:00-04:00");
    check(clock, "01/31/2026 10:15:00 AM est", "2026-01-31T10:15:00-05:00");
    check(clock, "01/31/2026 10:15:00 AM ET", "2026-01-31T10:15:00-05:00");
    check(clock, "01/31/2026 10:15:00 AM (UTC)", "2026-01-31T05:15:00-05:00");
    check(None, "2026-01-03 14:22:10 EST", "2026-01-03T14:22:10-05:00");
    check(None, "2026-01-03 14:22:10 UTC+1", "2026-01-03T08:22:10-05:00");
    // In the hour that clocks show twice the letters say which it was.
    check(None, "2026-11-01 01:30:00 EDT", "2026-11-01T01:30:00-04:00");
    check(None, "2026-11-01 01:30:00 EST", "2026-11-01T01:30:00-05:00");
    check(None, "2026-11-01 01:30:00 ET", "2026-11-01T01:30:00-04:00 ambiguous");
    refused(
        clock,
        "07/06/2026 10:15:00 AM EST",
        "the letters of its zone: clocks of America/New_York showed EDT then",
        Some(
            "ask the producer whether its clocks show EST all the year: if so, set timezone = \
             \"EST\" for the field; if they follow America/New_York, format = \"%m/%d/%Y \
             %I:%M:%S %p EST\" takes the letters for nothing",
        ),
    );
    refused(
        None,
        "2026-01-03 14:22:10 PST",
        "the letters of its zone: clocks of America/New_York showed EST then",
        Some(
            "set timezone = \"America/Los_Angeles\" for the field, or in the layout file, if \
             these are its clocks; format = \"%Y-%m-%d %H:%M:%S PST\" takes the letters for \
             nothing",
        ),
    );
    let unstated = reader(None, false).read("2026-01-03 14:22:10 EST").unwrap_err();
    assert!(unstated.hint().unwrap().contains("America/New_York"), "{unstated:?}");
    assert!(reader(None, false).read("2026-01-03 14:22:10 GMT").is_ok());
    let skipped = reader(None, true).read("2026-03-08 02:30:00 EST").unwrap_err();
    assert!(skipped.to_string().contains("set forward"), "{skipped}");
    // Both remedies that a refusal names are ones that can be taken.
    let all_year = TimeZone::get("EST").unwrap();
    let read = TimeReader::new(clock, all_year.clone(), all_year, true).unwrap();
    let read = read.read("07/06/2026 10:15:00 AM EST").unwrap();
    assert_eq!(time_text(read.stamp.ms, &TimeZone::UTC), "2026-07-06T15:15:00+00:00");
    let letters = Some("%m/%d/%Y %I:%M:%S %p EST");
    check(letters, "07/06/2026 10:15:00 AM EST", "2026-07-06T10:15:00-04:00");
}

#[test]
fn durations_are_whole_seconds() {
    let seconds = |text: &str, format| read_duration(text, format).ok();
    assert_eq!(seconds("95", None), Some(95));
    assert_eq!(seconds(" 1:35 ", None), Some(95));
    assert_eq!(seconds("00:01:35", Some("%H:%M:%S")), Some(95));
    assert_eq!(seconds("100:00", Some("%M:%S")), Some(6_000));
    assert_eq!(seconds("1:35", Some("%s")), None);
    for text in ["", "-5", "+5", "1:60", "1:5", "1:2:3:4", "1.5", "99999999999", ":30"] {
        assert_eq!(seconds(text, None), None, "{text:?}");
    }
    assert_eq!(seconds("3", Some("%M")), Some(180));
    assert_eq!(seconds("1.5", Some("%M")), None); // Perhaps a minute and fifty seconds.
    assert_eq!(seconds("1:30", Some("%M")), None);
    assert_eq!(seconds("99999999", Some("%M")), None);
    assert!(read_duration("1", Some("%d")).unwrap_err().hint().is_some());
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in ".*") {
        for format in [None, Some("%s"), Some("%s%3f"), Some("%d %b %Y"), Some("%m/%d/%Y")] {
            let _ = reader(format, true).read(&text);
        }
        let _ = read_duration(&text, None);
    }

    #[test]
    fn letters_of_a_zone_name_the_instant_that_its_clocks_show_with_them(
        second in 1_000_000_000_i64..4_000_000_000,
        zone in prop::sample::select(vec!["America/New_York", "Europe/Berlin", "Asia/Tokyo"]),
    ) {
        let zone = TimeZone::get(zone).unwrap();
        let at = Timestamp::from_second(second).unwrap().to_zoned(zone.clone());
        let read = TimeReader::new(None, zone.clone(), zone, true).unwrap();
        let shown = at.strftime("%A, %Y-%m-%d %H:%M:%S %Z").to_string();
        prop_assert_eq!(read.read(&shown).unwrap().stamp.ms, second * 1_000, "{}", shown);
        let other = at.tomorrow().unwrap().strftime("%A");
        let wrong = format!("{other}, {}", at.strftime("%Y-%m-%d %H:%M:%S %Z"));
        prop_assert!(read.read(&wrong).is_err(), "{}", wrong);
    }

    #[test]
    fn what_is_written_reads_back(ms in -2_208_000_000_000_i64..7_258_000_000_000) {
        let zone = TimeZone::get("America/New_York").unwrap();
        let read = reader(None, false).read(&time_text(ms, &zone)).unwrap();
        prop_assert_eq!(read.stamp.ms, ms);
    }
}
