//! Who there is, and what they have said to each other.

use super::pictures::Shape;

/// Somebody with a phone.
pub(super) struct Person {
    pub(super) phone: &'static str,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Red, green and blue of the picture's ground.
    pub(super) colour: [u8; 3],
    pub(super) shape: Shape,
}

/// A group and its members.
pub(super) struct Group {
    pub(super) subject: &'static str,
    pub(super) description: &'static str,
    pub(super) owner: &'static str,
    pub(super) members: &'static [&'static str],
}

/// What somebody does in a conversation. A label names the line it is about.
pub(super) enum Content {
    Text(&'static str),
    Answer(&'static str, &'static str),
    Reaction(&'static str, &'static str),
    Edit(&'static str, &'static str),
    Revoke(&'static str),
    Location {
        latitude: f64,
        longitude: f64,
        name: &'static str,
        address: &'static str,
    },
    Contact(&'static str, &'static str),
    /// A picture of a bicycle of a colour, and what is said about it.
    Bicycle([u8; 3], &'static str),
    /// A PDF: its name, and its lines.
    Document(&'static str, &'static [&'static str]),
    Poll(&'static str, &'static [&'static str]),
    Vote(&'static str, &'static str),
    /// Reads what there is.
    Read,
}

/// One thing that somebody did.
pub(super) struct Line {
    /// Minutes before the sandbox started.
    pub(super) ago: i64,
    pub(super) from: &'static str,
    /// A number, or the subject of a group.
    pub(super) to: &'static str,
    pub(super) label: Option<&'static str>,
    pub(super) content: Content,
}

pub(super) const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";
const CLARA: &str = "+16001234562";
pub(super) const DIEGO: &str = "+16001234563";
pub(super) const EMMA: &str = "+16001234570";
pub(super) const FARID: &str = "+16001234571";
pub(super) const GRACE: &str = "+16001234572";
const SUPPLIER: &str = "+16001234580";

/// The people of Millrace Bicycles, some customers and a supplier.
pub(super) const PEOPLE: [Person; 8] = [
    Person {
        phone: ANA,
        name: "Ana Lindqvist",
        about: "Millrace Bicycles – owner",
        colour: [11, 122, 99],
        shape: Shape::Rings,
    },
    Person {
        phone: BEN,
        name: "Ben Okafor",
        about: "In the workshop till six 🔧",
        colour: [176, 84, 43],
        shape: Shape::Gears,
    },
    Person {
        phone: CLARA,
        name: "Clara Mota",
        about: "Orders, invoices, questions",
        colour: [74, 87, 168],
        shape: Shape::Waves,
    },
    Person {
        phone: DIEGO,
        name: "Diego Brandt",
        about: "On the cargo bike",
        colour: [93, 122, 31],
        shape: Shape::Hills,
    },
    Person { phone: EMMA, name: "Emma Sato", about: "Available", colour: [154, 59, 87], shape: Shape::Waves },
    Person { phone: FARID, name: "Farid Haddad", about: "At work", colour: [47, 111, 179], shape: Shape::Hills },
    Person {
        phone: GRACE,
        name: "Grace Whitfield",
        about: "Battery about to die",
        colour: [138, 75, 158],
        shape: Shape::Rings,
    },
    Person {
        phone: SUPPLIER,
        name: "Spoke & Rim Wholesale",
        about: "Mon–Fri, 7 to 16",
        colour: [160, 116, 26],
        shape: Shape::Gears,
    },
];

/// Their groups.
pub(super) const GROUPS: [Group; 2] = [
    Group {
        subject: "Workshop",
        description: "What is on the stands today. No customers in here.",
        owner: ANA,
        members: &[BEN, CLARA, DIEGO],
    },
    Group {
        subject: "Sunday ride",
        description: "Every Sunday at nine from the shop, 40 km, nobody is left behind.",
        owner: DIEGO,
        members: &[ANA, BEN, EMMA, FARID],
    },
];

const fn said(ago: i64, from: &'static str, to: &'static str, text: &'static str) -> Line {
    Line { ago, from, to, label: None, content: Content::Text(text) }
}

const fn named(ago: i64, from: &'static str, to: &'static str, label: &'static str, text: &'static str) -> Line {
    Line { ago, from, to, label: Some(label), content: Content::Text(text) }
}

const fn did(ago: i64, from: &'static str, to: &'static str, content: Content) -> Line {
    Line { ago, from, to, label: None, content }
}

/// Hours in minutes.
const H: i64 = 60;
/// Days in minutes.
const D: i64 = 24 * H;

/// What was said, oldest first.
pub(super) const TALK: [Line; 61] = [
    said(3 * D, EMMA, ANA, "Hello! Is the green touring bike from your window still there?"),
    named(3 * D - 4, ANA, EMMA, "window", "Good morning Emma. It is, size 54. Would you like to try it?"),
    did(3 * D - 5, EMMA, ANA, Content::Reaction("window", "❤️")),
    did(3 * D - 6, EMMA, ANA, Content::Answer("window", "54 should fit. Is Thursday after five possible?")),
    said(3 * D - 8, ANA, EMMA, "Thursday 17:30 is yours. Bring shoes you ride in 🚲"),
    did(
        3 * D - 9,
        ANA,
        EMMA,
        Content::Location {
            latitude: 53.5753,
            longitude: 10.0153,
            name: "Millrace Bicycles",
            address: "Harbour Street 7, in the yard",
        },
    ),
    did(3 * D - 12, EMMA, ANA, Content::Read),
    did(3 * D - 14, ANA, EMMA, Content::Bicycle([46, 125, 80], "That is the one, 54 cm, with the rack")),
    said(2 * D + 5 * H, SUPPLIER, CLARA, "Your order 4471 has left our house: 24 chains, 10 cassettes, 6 rims."),
    named(2 * D + 5 * H - 3, CLARA, SUPPLIER, "rims", "Thank you. The rims were 8 on our side, can you look?"),
    said(2 * D + 4 * H, SUPPLIER, CLARA, "You are right, two follow on Friday. We are sorry for that."),
    did(2 * D + 4 * H - 5, CLARA, SUPPLIER, Content::Reaction("rims", "🙏")),
    said(2 * D + 3 * H, CLARA, ANA, "Two rims come later, on Friday. Everything else is here."),
    said(2 * D + 3 * H - 2, ANA, CLARA, "Good. Then Ben can begin with Mr Haddad's wheel."),
    named(2 * D, FARID, BEN, "noise", "Hi Ben, the noise is back. Only when I climb, a click per turn."),
    said(2 * D - 15, BEN, FARID, "Per turn of the pedals or of the wheel?"),
    did(2 * D - 20, FARID, BEN, Content::Answer("noise", "Pedals. And only on the right side")),
    said(2 * D - 22, BEN, FARID, "Then it is the bottom bracket. Bring it in tomorrow, an hour is enough."),
    named(2 * D - 25, FARID, BEN, "time", "Tomorrow at ten?"),
    did(2 * D - 26, FARID, BEN, Content::Edit("time", "Tomorrow at half past ten?")),
    did(2 * D - 27, BEN, FARID, Content::Reaction("time", "👍")),
    did(2 * D - 30, FARID, BEN, Content::Read),
    said(
        D + 11 * H,
        ANA,
        "Workshop",
        "Good morning! On the stands today: Farid's bottom bracket, two tune-ups, the green touring bike.",
    ),
    named(D + 11 * H - 4, BEN, "Workshop", "first", "I begin with the bracket, he comes at half past ten"),
    did(D + 11 * H - 6, ANA, "Workshop", Content::Reaction("first", "👍")),
    did(D + 11 * H - 7, CLARA, "Workshop", Content::Reaction("first", "🔧")),
    did(
        D + 11 * H - 20,
        DIEGO,
        "Workshop",
        Content::Bicycle([176, 84, 43], "This one came in with a bent fork. Tomorrow?"),
    ),
    said(D + 11 * H - 22, BEN, "Workshop", "Tomorrow afternoon, I need the part first"),
    said(D + 6 * H, EMMA, ANA, "I am here, is the shop door the red one?"),
    said(D + 6 * H - 1, ANA, EMMA, "Yes! Come in"),
    said(D + 5 * H, EMMA, ANA, "I slept over it for an hour 😄 I take it"),
    named(D + 5 * H - 2, ANA, EMMA, "deal", "Wonderful! 1,240 with lights and the rack. Clara writes the invoice."),
    did(D + 5 * H - 3, EMMA, ANA, Content::Reaction("deal", "🎉")),
    did(D + 5 * H - 6, ANA, EMMA, Content::Contact("Clara Mota", "+16001234562")),
    said(D + 4 * H, EMMA, CLARA, "Hello Clara, Ana gave me your number. It is about the green touring bike."),
    said(D + 4 * H - 6, CLARA, EMMA, "Congratulations! To which address may I write the invoice?"),
    named(D + 4 * H - 9, EMMA, CLARA, "typo", "Emma Sato, Canal Row 112"),
    did(D + 4 * H - 10, EMMA, CLARA, Content::Revoke("typo")),
    said(D + 4 * H - 11, EMMA, CLARA, "Emma Sato, Canal Row 12"),
    did(
        D + 4 * H - 30,
        CLARA,
        EMMA,
        Content::Document(
            "Invoice 2031.pdf",
            &[
                "Millrace Bicycles - Harbour Street 7",
                "Invoice 2031 for Emma Sato, Canal Row 12",
                "1 touring bicycle, green, size 54 .... 1,180.00",
                "1 rack with lights ...................... 60.00",
                "Total ................................ 1,240.00",
            ],
        ),
    ),
    said(D + 2 * H, GRACE, DIEGO, "Is my parcel with you? The window says out for delivery since noon"),
    said(D + 2 * H - 9, DIEGO, GRACE, "Two more stops, then you. Twenty minutes."),
    named(D + 2 * H - 40, DIEGO, GRACE, "door", "Nobody opens – I left it with the bakery next door."),
    did(D + 2 * H - 55, GRACE, DIEGO, Content::Answer("door", "Perfect, they know me. Thank you!")),
    said(7 * H, FARID, BEN, "Rides like new. Not a sound."),
    said(7 * H - 1, BEN, FARID, "Glad to hear it! If anything moves, come by."),
    said(6 * H, DIEGO, "Sunday ride", "Sunday: along the canal to the old lock and back, 38 km. Who comes?"),
    Line {
        ago: 6 * H - 1,
        from: DIEGO,
        to: "Sunday ride",
        label: Some("ride"),
        content: Content::Poll("Who comes on Sunday?", &["I ride", "Only the cake", "Next time"]),
    },
    did(6 * H - 4, EMMA, "Sunday ride", Content::Vote("ride", "I ride")),
    did(6 * H - 9, FARID, "Sunday ride", Content::Vote("ride", "I ride")),
    did(6 * H - 30, BEN, "Sunday ride", Content::Vote("ride", "Only the cake")),
    named(6 * H - 31, EMMA, "Sunday ride", "new", "It will be the first ride of the green one 🚲"),
    did(6 * H - 32, ANA, "Sunday ride", Content::Reaction("new", "💚")),
    said(5 * H, BEN, ANA, "We are out of 11-speed chains tomorrow, can Clara order?"),
    said(5 * H - 12, ANA, CLARA, "Ben needs 11-speed chains, twenty please"),
    Line {
        ago: 4 * H + 30,
        from: ANA,
        to: CLARA,
        label: Some("poll"),
        content: Content::Poll("When do we count the stock?", &["Friday evening", "Saturday morning"]),
    },
    did(4 * H + 20, CLARA, ANA, Content::Vote("poll", "Saturday morning")),
    did(4 * H + 15, ANA, CLARA, Content::Vote("poll", "Saturday morning")),
    said(4 * H, GRACE, ANA, "Do you rent out cargo bikes for a weekend?"),
    said(45, GRACE, ANA, "It would be for the street fair, two days"),
    said(20, SUPPLIER, CLARA, "The two rims are on their way."),
];
