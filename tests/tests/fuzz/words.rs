//! What people write: commands, sense and nonsense, and what breaks programs.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

const COMMANDS: [&str; 32] = [
    "/start",
    "/menu",
    "/tickets",
    "/lang",
    "/help",
    "/cancel",
    "/queue",
    "/queue support",
    "/queue жоқ",
    "/mine",
    "/oncall",
    "/desk",
    "/find",
    "/find web",
    "/emergency on өрт",
    "/emergency off",
    "/breaches",
    "/sla",
    "/web",
    "/r",
    "/r жауап",
    "/swap",
    "/menu@komek_bot",
    "/queue@komek_bot",
    "/menu@other_bot",
    "/start 0123456789abcdef",
    "/START",
    "/menu now",
    "/",
    "//",
    "/start\u{0}",
    "/var/log толды",
];

const SHORT: [&str; 30] = [
    "рахмет",
    "спасибо!",
    "thanks",
    "👍",
    "❤️",
    "иә",
    "нет",
    "жоқ",
    "ok",
    "5",
    "-3",
    "0",
    "1000000000000000000",
    "бес",
    "пять",
    "∞",
    "10 минут назад",
    "кеше",
    "31.12.2099 10:00",
    "99:99",
    "2026-02-30",
    "km-1",
    "#2",
    "№ 3",
    "acme-w",
    "қайта қос",
    "сайт ашылмайды",
    "does not work",
    "?",
    ".",
];

const NASTY: [&str; 16] = [
    "<b>қалың</b> <script>alert(1)</script> &amp; &lt; &#x41;",
    "<a href=\"https://evil.example\">",
    "</b></i></blockquote><tg-spoiler>",
    "*_[жирный](http://x)_* `code` ||spoiler|| \\",
    "\u{202e}ירושלים\u{202c} مرحبا",
    "\u{200b}\u{200d}\u{2060}\u{feff}",
    " \n\t\r\n ",
    "a\u{0301}\u{0302}\u{0303}\u{0304}\u{0305}\u{0306}",
    "нөл\u{0}байт",
    "{ $name } { -term } {\"x\"}",
    "'; DROP TABLE ticket; --",
    "%s %n %d {} {0}",
    "👩‍👩‍👧‍👦🏳️‍🌈🇰🇿",
    "\u{1d11e}\u{10ffff}",
    "🔧 <b",
    "&",
];

/// A text of somebody whose words carry `mark`.
pub fn text(random: &mut StdRng, mark: &str) -> String {
    let plain = match random.random_range(0..100) {
        0..25 => return (*COMMANDS.choose(random).unwrap_or(&"/menu")).to_owned(),
        25..45 => (*SHORT.choose(random).unwrap_or(&"?")).to_owned(),
        45..60 => (*NASTY.choose(random).unwrap_or(&"?")).to_owned(),
        60..63 => "😀".repeat(random.random_range(1..2_100)),
        63..66 => "ұзақ сөз ".repeat(560),
        66..68 => "<&>".repeat(1_500),
        68..70 => "a".repeat(5_000),
        70..72 => format!("{}\n", "жол").repeat(1_000),
        72..76 => format!("// {}", "ескерту"),
        76..80 => characters(random),
        _ => "Сервер баяу жұмыс істейді, диск толып қалды".to_owned(),
    };
    // Some texts stay bare, so that a whole text can be what is on trial.
    if random.random_ratio(1, 8) { plain } else { format!("{plain} {mark}") }
}

fn characters(random: &mut StdRng) -> String {
    let length = random.random_range(1..40);
    (0..length).map(|_| random.random::<char>()).collect()
}

/// A name that is no pleasure to print.
pub fn name(random: &mut StdRng, mark: &str) -> String {
    match random.random_range(0..4) {
        0 => format!("<b>{mark}</b>&\"'"),
        1 => format!("{} {mark}", NASTY.choose(random).unwrap_or(&"?")),
        2 => String::new(),
        _ => mark.to_owned(),
    }
}
