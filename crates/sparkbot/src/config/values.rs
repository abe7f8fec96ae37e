//! Values as people write them: durations, addresses, versions, names.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time: `10s`, `5m`, `12h`, `7d`, `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(Duration);

impl Span {
    /// That many seconds.
    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// As the standard library has it.
    pub(crate) const fn duration(self) -> Duration {
        self.0
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no duration; write it like 30s, 5m, 12h, 90d or 1h30m");
        let mut rest = text.trim();
        let mut total = Duration::ZERO;
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
            rest = &rest[digits..];
            let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let part = match &rest[..unit] {
                "ms" => Some(Duration::from_millis(number)),
                "s" => Some(Duration::from_secs(number)),
                "m" => number.checked_mul(60).map(Duration::from_secs),
                "h" => number.checked_mul(3600).map(Duration::from_secs),
                "d" => number.checked_mul(86_400).map(Duration::from_secs),
                "w" => number.checked_mul(604_800).map(Duration::from_secs),
                _ => None,
            };
            total = part.and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
            rest = &rest[unit..];
        }
        // A hundred years: enough for every setting, and nothing overflows later.
        if total > Duration::from_secs(100 * 366 * 86_400) { Err(wrong()) } else { Ok(Self(total)) }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut seconds = self.0.as_secs();
        if seconds == 0 {
            return write!(f, "{}ms", self.0.as_millis());
        }
        for (unit, length) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] {
            if seconds >= length {
                write!(f, "{}{unit}", seconds / length)?;
                seconds %= length;
            }
        }
        match self.0.subsec_millis() {
            0 => Ok(()),
            rest => write!(f, "{rest}ms"),
        }
    }
}

/// A number of bytes: `500KiB`, `64MiB`, `2GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(u64);

impl Size {
    /// In bytes.
    pub(crate) const fn bytes(self) -> u64 {
        self.0
    }
}

impl From<u64> for Size {
    fn from(bytes: u64) -> Self {
        Self(bytes)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no number of bytes; write it like 500KiB, 64MiB or 2GiB");
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
        let unit: u64 = match text[digits..].trim() {
            "" | "B" => 1,
            "KiB" | "K" => 1 << 10,
            "MiB" | "M" => 1 << 20,
            "GiB" | "G" => 1 << 30,
            "KB" | "kB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return Err(wrong()),
        };
        number.checked_mul(unit).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        match units.iter().find(|(unit, _)| self.0 >= *unit && self.0.is_multiple_of(*unit)) {
            Some((unit, word)) => write!(f, "{}{word}", self.0 / unit),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// An IP address with a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listen(pub(crate) SocketAddr);

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = text.trim().strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        named.as_deref().unwrap_or(text.trim()).parse().map(Self).map_err(|_| {
            format!("'{text}' is no address to listen on; write it like 127.0.0.1:7700, [::1]:7700 or 0.0.0.0:7700")
        })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A WhatsApp Web version: `2.3000.1026131876`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientVersion(pub(crate) (u32, u32, u32));

impl FromStr for ClientVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no WhatsApp Web version; write it like 2.3000.1026131876");
        let parts: Vec<u32> = text.trim().split('.').map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong())?;
        match parts[..] {
            [a, b, c] => Ok(Self((a, b, c))),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for ClientVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b, c) = self.0;
        write!(f, "{a}.{b}.{c}")
    }
}

/// The name shown on the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeviceName(pub(crate) String);

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.trim();
        if name.is_empty() || name.chars().count() > 30 || name.chars().any(char::is_control) {
            return Err("the name shown on the phone has 1 to 30 characters".to_owned());
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads and writes a value as its text.
macro_rules! as_text {
    ($($name:ty),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )*};
}

as_text!(Span, Size, Listen, ClientVersion, DeviceName);

#[cfg(test)]
mod tests {
    use super::{ClientVersion, Listen, Size, Span};

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, seconds) in [("10s", 10), ("5m", 300), ("1h30m", 5400), ("90d", 7_776_000), ("2w", 1_209_600)] {
            assert_eq!(text.parse::<Span>().unwrap().duration().as_secs(), seconds, "{text}");
        }
        assert_eq!("250ms".parse::<Span>().unwrap().duration().as_millis(), 250);
        for wrong in ["", "10", "s", "5 minutes", "-1s", "1y", "99999999999999999999d", "200000d"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_shown_shortly() {
        for text in ["10s", "1h30m", "90d", "250ms", "2m1s500ms"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn sizes_read_as_people_write_them() {
        for (text, bytes, shown) in [
            ("64MiB", 64 << 20, "64MiB"),
            ("500 KiB", 500 << 10, "500KiB"),
            ("1000", 1000, "1000B"),
            ("2GB", 2_000_000_000, "1953125KiB"),
        ] {
            let size: Size = text.parse().unwrap();
            assert_eq!((size.bytes(), size.to_string().as_str()), (bytes, shown));
        }
        for wrong in ["", "MiB", "1.5GiB", "-1", "99999999999GiB", "1TiB"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn addresses_need_a_port_and_no_name() {
        assert_eq!("localhost:7700".parse::<Listen>().unwrap().to_string(), "127.0.0.1:7700");
        assert!("[::1]:0".parse::<Listen>().is_ok());
        assert!("7700".parse::<Listen>().unwrap_err().contains("127.0.0.1:7700"));
        assert!("example.org:80".parse::<Listen>().is_err());
    }

    #[test]
    fn versions_have_three_numbers() {
        assert_eq!("2.3000.1026131876".parse::<ClientVersion>().unwrap().0, (2, 3000, 1_026_131_876));
        assert!("2.3000".parse::<ClientVersion>().is_err());
    }

    #[test]
    fn fuzz_settings() {
        let seeds = [
            "1h30m",
            "90d",
            "250ms",
            "64MiB",
            "500 KiB",
            "2GB",
            "127.0.0.1:7700",
            "[::1]:0",
            "2.3000.1023",
            "SparkBot",
        ];
        let words = ["ms", "s", "m", "h", "d", "KiB", "MiB", "GiB", "GB", ":", "µ", "١"];
        sparkbot_fuzz::Fuzz::new("settings").seeds(seeds).words(words).run(|input| {
            let text = String::from_utf8_lossy(input);
            if let Ok(span) = text.parse::<Span>() {
                // What is shown is read as the same.
                assert_eq!(span.to_string().parse::<Span>().unwrap().duration(), span.duration(), "{text}");
            }
            let size = text.parse::<Size>();
            let listen = text.parse::<Listen>();
            let version = text.parse::<ClientVersion>();
            let name = text.parse::<crate::config::DeviceName>();
            format!("{} {} {} {}", size.is_ok(), listen.is_ok(), version.is_ok(), name.is_ok())
        });
    }
}
