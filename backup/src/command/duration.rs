//! Ages, as people write them.

use chrono::TimeDelta;

/// Reads `90m`, `26h`, `8d` or `2w`; several parts may follow each other.
pub fn parse(text: &str) -> Result<TimeDelta, String> {
    let parsed = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    TimeDelta::from_std(parsed).map_err(|error| error.to_string())
}

/// An age in its two largest units.
pub fn text(seconds: i64) -> String {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    let whole = std::time::Duration::from_secs(seconds);
    let text = humantime::format_duration(whole).to_string();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_and_written() {
        assert_eq!(parse("26h").unwrap(), TimeDelta::hours(26));
        assert_eq!(parse("1d 2h").unwrap(), TimeDelta::hours(26));
        assert!(parse("26").is_err() && parse("soon").is_err());
        assert_eq!(text(93_784), "1day 2h");
        assert_eq!(text(-5), "0s");
    }
}
