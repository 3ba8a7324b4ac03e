//! Tables of texts and what Telegram makes of them.

use super::*;
use proptest::prelude::*;
use rstest::rstest;
use std::fmt::Write;

fn shown(formatted: &Formatted) -> String {
    let mut out = formatted.text.clone();
    for e in &formatted.entities {
        let _ = write!(out, " {}:{}+{}", e.kind, e.offset, e.length);
        if let Some((_, extra)) = &e.extra {
            let _ = write!(out, "={}", extra.as_str().unwrap_or("?"));
        }
    }
    out
}

#[rstest]
#[case("HTML", "<b>bold</b> x", "bold x bold:0+4")]
#[case("HTML", "<b>a<i>b</i></b>", "ab bold:0+2 italic:1+1")]
#[case("HTML", "😀<u>x</u>", "😀x underline:2+1")]
#[case("HTML", "1 &lt; 2 &amp;&#33;", "1 < 2 &!")]
#[case("HTML", "<a href=\"https://a.kz/?x=1&amp;y=2\">t</a>", "t text_link:0+1=https://a.kz/?x=1&y=2")]
#[case("HTML", "<pre><code class=\"language-rust\">fn</code></pre>", "fn pre:0+2=rust")]
#[case("HTML", "<pre>/start</pre>", "/start pre:0+6")]
#[case("HTML", "<blockquote expandable>q</blockquote>", "q expandable_blockquote:0+1")]
#[case("HTML", "<span class='tg-spoiler'>s</span>", "s spoiler:0+1")]
#[case("HTML", "  <b> a</b> ", "a bold:0+1")]
#[case("HTML", "<a href=\"tg://user?id=7\">you</a>", "you text_mention:0+3=?")]
#[case("html", "<b></b>see /help", "see /help bot_command:4+5")]
#[case("MarkdownV2", "*a _b_*", "a b bold:0+3 italic:2+1")]
#[case("MarkdownV2", "__u__ ~s~ ||x||", "u s x underline:0+1 strikethrough:2+1 spoiler:4+1")]
#[case("MarkdownV2", "1\\.5 `a.b` ```rust\nx.y```", "1.5 a.b x.y code:4+3 pre:8+3=rust")]
#[case("MarkdownV2", "[t\\.](https://a.kz/\\))", "t. text_link:0+2=https://a.kz/)")]
#[case("MarkdownV2", ">one\n>two\nthree", "one\ntwo\nthree blockquote:0+8")]
#[case("MarkdownV2", ">one\n>two||", "one\ntwo expandable_blockquote:0+7")]
#[case(
    "Markdown",
    "*b* _i_ `c` [t](https://a.kz) \\_",
    "b i c t _ bold:0+1 italic:2+1 code:4+1 text_link:6+1=https://a.kz/"
)]
#[case("Markdown", "```py\nx```", "x pre:0+1=py")]
fn parses(#[case] mode: &str, #[case] source: &str, #[case] expected: &str) {
    assert_eq!(shown(&from_bot(source, Some(mode), None).unwrap()), expected);
}

#[rstest]
#[case("HTML", "a <x>", "Unsupported start tag \"x\" at byte offset 2")]
#[case("HTML", "<b>a", "Can't find end tag corresponding to start tag \"b\"")]
#[case("HTML", "<b>a</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"")]
#[case("HTML", "a</b>", "Unexpected end tag at byte offset 1")]
#[case("HTML", "<b", "Unclosed start tag at byte offset 0")]
#[case("HTML", "Айгерім < 3", "Unsupported start tag \"\" at byte offset 15")]
#[case("MarkdownV2", "a.b", "Character '.' is reserved and must be escaped with the preceding '\\'")]
#[case("MarkdownV2", "*a", "Can't find end of Bold entity at byte offset 0")]
#[case("MarkdownV2", "[a](b", "Can't find end of a URL at byte offset 3")]
#[case("Markdown", "a _b", "Can't find end of the entity starting at byte offset 2")]
fn refuses(#[case] mode: &str, #[case] source: &str, #[case] why: &str) {
    let error = from_bot(source, Some(mode), None).unwrap_err();
    assert_eq!(error.description, format!("Bad Request: can't parse entities: {why}"));
}

#[rstest]
#[case("/start CODE", "/start CODE bot_command:0+6")]
#[case("go /help@komek_bot now", "go /help@komek_bot now bot_command:3+15")]
#[case("a/b /x/y", "a/b /x/y")]
#[case("see https://a.kz/x, www.a.kz.", "see https://a.kz/x, www.a.kz. url:4+14 url:20+8")]
#[case("@aigerim, write a@b.kz", "@aigerim, write a@b.kz mention:0+8 email:16+6")]
#[case("тел. +77010000001", "тел. +77010000001 phone_number:5+12")]
#[case("#тикет №5", "#тикет №5 hashtag:0+6")]
#[case("10.5 v1.2.3 e.g. да.нет", "10.5 v1.2.3 e.g. да.нет")]
fn finds(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(shown(&typed(text)), expected);
}

#[test]
fn unknown_mode_is_refused() {
    assert_eq!(
        from_bot("x", Some("BBCode"), None).unwrap_err().description,
        "Bad Request: unsupported parse_mode"
    );
}

#[test]
fn explicit_entities_out_of_range_are_dropped() {
    let given =
        json!([{"type": "bold", "offset": 0, "length": 2}, {"type": "italic", "offset": 1, "length": 9}]);
    assert_eq!(shown(&from_bot("abc", None, Some(&given)).unwrap()), "abc bold:0+2");
}

proptest! {
    /// Whatever comes in: no panic, and every entity lies inside the text on character borders.
    #[test]
    fn entities_stay_inside(source in "[a-zәқ😀<>/b&;*_~`|\\[\\]()!.# \n@+0-9]{0,60}", mode in 0..4) {
        let mode = ["HTML", "MarkdownV2", "Markdown", "none"][usize::try_from(mode).unwrap()];
        if let Ok(formatted) = from_bot(&source, Some(mode), None) {
            let wide: Vec<u16> = formatted.text.encode_utf16().collect();
            for e in &formatted.entities {
                prop_assert!(e.end() <= wide.len());
                prop_assert!(String::from_utf16(&wide[e.offset..e.end()]).is_ok());
            }
        }
    }

    /// Escaping everything gives back the text itself.
    #[test]
    fn escaped_html_is_the_text(text in "[a-zқ<>&\"' ]{1,40}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        prop_assert_eq!(from_bot(&escaped, Some("HTML"), None).unwrap().text, text.trim());
    }
}
