use super::*;
use proptest::prelude::*;
use serde_json::json;

fn source(html: &str) -> Source {
    Source { html: Some(html.to_owned()), ..Source::default() }
}
fn plain(text: &str) -> Source {
    Source { text: Some(text.to_owned()), ..Source::default() }
}
fn html(template: &str, context: &Value) -> String {
    render(&source(template), context, &Bounds::default()).unwrap().html.unwrap()
}
fn text(template: &str, context: &Value) -> String {
    render(&plain(template), context, &Bounds::default()).unwrap().text.unwrap()
}

#[test]
fn an_independent_liquid_says_the_same() {
    let reference: Value = serde_json::from_str(include_str!("reference.json")).unwrap();
    let cases = reference["cases"].as_array().unwrap();
    assert!(cases.len() > 120);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let (template, expected) = (case["template"].as_str().unwrap(), case["expected"].as_str().unwrap());
            let got = text(template, &reference["context"]);
            (got != expected).then(|| format!("{template}\n  expected {expected:?}\n  got      {got:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} differ from {}:\n{}", wrong.len(), reference["source"], wrong.join("\n"));
}

#[test]
fn all_parts_are_rendered() {
    let source = Source {
        subject: Some("{{ name }},您的优惠".into()),
        html: Some("<h1>你好 {{ name }}</h1><p>满 {{ least }} 减 {{ off }}</p>".into()),
        text: None,
        fields: [("name".to_owned(), "{{ name | truncate: 3, '…' }}".to_owned())].into(),
    };
    let out = render(&source, &json!({"name": "<张三>丰", "least": "200.00", "off": 50}), &Bounds::default()).unwrap();
    assert_eq!(out.subject.as_deref(), Some("<张三>丰,您的优惠"));
    assert_eq!(out.html.as_deref(), Some("<h1>你好 &lt;张三&gt;丰</h1><p>满 200.00 减 50</p>"));
    assert_eq!(out.text.as_deref(), Some("你好 <张三>丰\n\n满 200.00 减 50\n"));
    assert_eq!(out.fields["name"], "<张…");
}

#[test]
fn a_name_cannot_begin_another_header() {
    let source = Source { subject: Some("Hi {{ name }}!".into()), ..Source::default() };
    let out = render(&source, &json!({"name": "A\r\nBcc: x@y.z\u{2028}\u{0}B"}), &Bounds::default()).unwrap();
    assert_eq!(out.subject.as_deref(), Some("Hi A Bcc: x@y.z B!"));
}

const EVIL: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>' onload='x` = javascript:alert(1)";

/// Ways by which data has got into markup elsewhere.
#[test]
fn data_never_becomes_markup() {
    let context = json!({"x": EVIL, "u": "%3Cscript%3Ealert(1)%3C/script%3E", "e": "&lt;script&gt;alert(1)&lt;/script&gt;", "l": [EVIL, "b"], "o": {"k": EVIL}, "one": "<scr", "two": "ipt>"});
    for template in [
        "<p>{{ x }}</p>", "<p title=\"{{ x }}\">", "<p title='{{ x }}'>", "<p title={{ x }}>", "<p {{ x }}>", "<{{ x }}>", "{% echo x %}",
        "{% cycle x, 'b' %}", "{% for i in l %}{{ i }}{% endfor %}", "{{ l }}", "{{ o }}", "{{ o | json }}", "{{ l | join: x }}", "{{ l | first }}",
        "{% capture c %}{{ x }}{% endcapture %}{{ c }}", "{% capture c %}<b>{{ x }}</b>{% endcapture %}{{ c | append: x }}", "{% capture c %}b{% endcapture %}{{ c | prepend: x }}",
        "{% capture c %}b{% endcapture %}{{ x | append: c }}", "{% capture c %}aXb{% endcapture %}{{ c | replace: 'X', x }}", "{% capture c %}a-b{% endcapture %}{{ c | split: '-' | join: x }}",
        "{% capture c %}{{ x }}{% endcapture %}{{ c | upcase }}", "{% capture c %}{{ x }}{% endcapture %}{{ c | strip_html }}", "{% capture c %}{{ u }}{% endcapture %}{{ c | url_decode }}",
        "{% capture c %}{{ x }}{% endcapture %}{% assign d = c %}{{ d | slice: 0, 50 }}", "{% capture c %}{{ x }}{% endcapture %}{% assign d = c | split: ';' %}{% for i in d %}{{ i }}{% endfor %}",
        "{{ u | url_decode }}", "{{ e }}", "{{ e | escape_once }}", "{{ x | escape | strip }}", "{{ x | newline_to_br }}", "{{ x | escape | newline_to_br | append: x }}", "{{ x | strip_html }}", "{{ e | strip_html }}",
        "{{ x | replace: '\"', '<' }}", "{{ x | upcase | downcase }}", "{{ x | truncate: 30 }}", "{{ one }}{{ two }}", "{{ one | append: two }}", "{{ missing | default: x }}", "{{ x | date: '%Y' }}", "{{ 'now' | date: x }}",
        "{{ x | split: '' }}", "{{ x | remove: 'q' }}", "{{ '<script>' }}", "<!-- {{ x }} -->", "<!--[if mso]>{{ x }}<![endif]-->", "<textarea>{{ x }}</textarea>", "<title>{{ x }}</title>",
        "{% assign c = x %}{{ c }}", "{% case x %}{% when x %}{{ x }}{% endcase %}", "{% if true %}<a href=\"{% endif %}{{ x }}\">",
    ] {
        let out = html(template, &context);
        for (tag, attributes) in html::elements(&out) {
            assert!(!["script", "img"].contains(&&*tag), "{template}\n{out}");
            assert!(attributes.iter().all(|a| ["title", "href"].contains(&&**a) || a.chars().all(char::is_alphanumeric)), "{template}\n{out}");
        }
        // Only what the template itself opens is open.
        assert!(out.matches('<').count() <= template.matches('<').count() + out.matches("<br />").count(), "{template}\n{out}");
    }
}

#[test]
fn data_in_code_is_cut_down_to_words() {
    let context = json!({"x": "1);alert(document.cookie)//</script><script>", "color": "#ff8800", "width": "50%", "css": "red;background:url(javascript:x)"});
    assert_eq!(html("<script>var a = {{ x }};</script>", &context), "<script>var a = 1alertdocument.cookiescriptscript;</script>");
    assert_eq!(html("<a onclick=\"go('{{ x }}')\">", &context), "<a onclick=\"go('1alertdocument.cookiescriptscript')\">");
    assert_eq!(html("<td style=\"color:{{ color }};width:{{ width }}\">", &context), "<td style=\"color:#ff8800;width:50%\">");
    assert_eq!(html("<style>p{color:{{ css }}}</style>", &context), "<style>p{color:redbackgroundurljavascriptx}</style>");
    assert_eq!(html("<style>p{}</style>{{ css }}", &context), "<style>p{}</style>red;background:url(javascript:x)");
}

#[test]
fn links_that_run_code_are_disarmed() {
    let link = |url: &str| html("<a href=\"{{ u }}\">x</a>", &json!({"u": url}));
    for url in ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "\u{1}javascript:alert(1)", "vbscript:x", "data:text/html,<b>", "data:image/svg+xml,<svg onload=x>"] {
        assert_eq!(link(url), "<a href=\"#\">x</a>", "{url:?}");
    }
    assert_eq!(html("<a href=\"{{ a }}{{ b }}\">", &json!({"a": "java", "b": "script:x"})), "<a href=\"#\">");
    assert_eq!(html("<a href={{ u }}>", &json!({"u": "javascript:x"})), "<a href=\"#\">");
    assert_eq!(html("<a href=\"java&#115;cript:x\"><form action='javascript:x'>", &json!({})), "<a href=\"#\"><form action='#'>");
    for url in ["https://a.example/?a=1&b=2", "mailto:a@b.c", "tel:+8613800138000", "weft:unsubscribe", "/x", "#y", "cid:1"] {
        assert_eq!(link(url), format!("<a href=\"{}\">x</a>", url.replace('&', "&amp;")), "{url}");
    }
    assert_eq!(html("<img src='data:image/png;base64,AA'>", &json!({})), "<img src='data:image/png;base64,AA'>");
}

#[test]
fn escaping_twice_is_escaping_once() {
    let context = json!({"x": "Tom & Jerry's"});
    assert_eq!(html("{{ x }}|{{ x | escape }}|{{ x | escape | escape }}|{{ x | escape_once }}", &context), ["Tom &amp; Jerry&#39;s"; 4].join("|"));
    assert_eq!(html("{% capture c %}<b>{{ x }}</b>{% endcapture %}{{ c }}{{ c | append: '<i>' }}", &context), "<b>Tom &amp; Jerry&#39;s</b><b>Tom &amp; Jerry&#39;s</b>&lt;i&gt;");
    assert_eq!(html("{{ lines | newline_to_br }}", &json!({"lines": "a<\nb"})), "a&lt;<br />\nb");
}

#[test]
fn there_is_no_way_to_switch_escaping_off() {
    for template in ["{{ x | raw }}", "{{ x | safe }}", "{{ x | html_safe }}", "{{ x | unescape }}", "{% autoescape false %}{{ x }}{% endautoescape %}"] {
        assert_eq!(render(&source(template), &json!({}), &Bounds::default()).unwrap_err().code, "content.template_syntax", "{template}");
    }
}

/// CVE-2026-9558 and its kin: templates that reach for the machine.
#[test]
fn templates_reach_nothing_but_their_context() {
    for template in [
        "{% include 'header' %}", "{% render 'x' %}", "{% include '/etc/passwd' %}", "{% layout 'x' %}", "{% import 'os' %}", "{% set x = 1 %}", "{% do x %}", "{% liquid echo x %}", "{% javascript %}x{% endjavascript %}",
        "{{ x | file }}", "{{ x | system }}", "{{ 'PATH' | env }}", "{{ 7*7 }}", "{{ x() }}", "{{ x.y() }}", "{{ ''.__class__.__mro__ }}()", "{{ self._TemplateReference__context }}{{ a | attr('x') }}", "{{ config }}{{ ''['__class__']()}}",
        "{{ x | map('y') }}", "{{ $x }}", "{{ ${7} }}", "{{ @x }}", "{{ x; y }}", "{{ `ls` }}", "{{ x ? y : z }}", "{{ !x }}", "{{ x && y }}",
    ] {
        assert_eq!(compile(&source(template), &Bounds::default()).unwrap_err().code, "content.template_syntax", "{template}");
    }
    // These are only names, and nothing stands behind them.
    for template in ["{{ self }}", "{{ __proto__ }}", "{{ constructor.constructor }}", "{{ x.__class__ }}", "{{ env.PATH }}", "{{ settings.SECRET_KEY }}", "{{ x['__proto__'] }}"] {
        assert_eq!(text(template, &json!({"x": {}})), "", "{template}");
    }
}

#[test]
fn nothing_runs_away() {
    let long = "a".repeat(60_000);
    let context = json!({"long": long, "list": vec!["x"; 5000]});
    let doubling = |step: &str| format!("{{% assign s = long %}}{{% for i in (1..60) %}}{step}{{% endfor %}}");
    let nested = format!("{}x{}", "{% for a in list %}".repeat(6), "{% endfor %}".repeat(6));
    for template in [
        "{% for i in (1..1000000000) %}{% endfor %}", "{% for i in (1..9223372036854775807) %}x{% endfor %}", "{% for i in (-9223372036854775808..9223372036854775807) %}x{% endfor %}",
        "{{ (1..1000000000) | join: ',' }}", "{{ (1..1000000000) | sort }}", "{{ (1..1000000000) | size | plus: 1 }}{{ (1..1000000000) | reverse }}", &nested,
        "{% for a in (1..100000) %}{% for b in (1..100000) %}{% endfor %}{% endfor %}", &doubling("{% assign s = s | append: s %}"), &doubling("{% capture s %}{{ s }}{{ s }}{% endcapture %}"),
        &doubling("{% assign s = s | replace: 'a', 'aa' %}"), "{{ long | replace: 'a', long }}", "{{ long | replace: '', long }}", "{{ list | join: long }}", "{{ long | split: '' | join: long }}",
        "{% for i in list %}{{ long }}{% endfor %}", "{% assign l = list %}{% for i in (1..40) %}{% assign l = l | concat: l %}{% endfor %}", "{{ list | concat: list | concat: list | concat: list | uniq | size }}{% for i in list %}{{ list | uniq | size }}{% endfor %}",
        "{% for i in list %}{% for j in list %}{% if i == j %}{% endif %}{% endfor %}{% endfor %}", "{% for i in list %}{{ list }}{% endfor %}", "{% for i in list %}{% if long contains 'b' %}{% endif %}{% endfor %}",
        "{% for i in list %}{{ long | size }}{% endfor %}", "{% for i in list %}{{ list | sort | first }}{% endfor %}", "{% for i in list %}{{ long | truncatewords: 1 }}{% endfor %}",
        "{% for i in list %}{{ long.size }}{% endfor %}", "{% assign s = long | append: long %}{% for i in list %}{% if s %}{% endif %}{% endfor %}", "{% for i in list %}{% case long %}{% when long %}{% endcase %}{% endfor %}",
    ] {
        let error = render(&plain(template), &context, &Bounds::default()).err().unwrap_or_else(|| panic!("{template} ran to its end"));
        assert!(["content.template_too_heavy", "content.message_too_large"].contains(&error.code), "{template}: {error}");
    }
}

#[test]
fn sizes_and_depths_are_bounded() {
    let bounds = Bounds { max_template_bytes: 100, max_output_bytes: 10, ..Bounds::default() };
    assert_eq!(compile(&source(&"x".repeat(101)), &bounds).unwrap_err().code, "content.template_too_large");
    assert_eq!(render(&source("12345678901"), &json!({}), &bounds).unwrap_err().code, "content.message_too_large");
    for template in [
        format!("{}{}", "{% if a %}".repeat(1000), "{% endif %}".repeat(1000)),
        format!("{{{{ {}a{} }}}}", "a[".repeat(5000), "]".repeat(5000)),
        format!("{{{{ {} }}}}", "(".repeat(10_000)),
    ] {
        assert_eq!(compile(&plain(&template), &Bounds::default()).unwrap_err().code, "content.template_syntax");
    }
    // Long is not deep.
    let many = format!("{{% if a{} %}}x{{% endif %}}", " or a".repeat(20_000));
    assert_eq!(text(&many, &json!({})), "");
}

#[test]
fn mistakes_name_their_line() {
    for (template, line, what) in [
        ("a\nb {{ name", 2, "not closed"),
        ("{% if a %}\n\nx", 1, "not closed"),
        ("\n\n{{ name | shout }}", 3, "unknown filter shout"),
        ("{{ a | append }}", 1, "takes 1 arguments"),
        ("a\n{% frob %}", 2, "unknown tag frob"),
        ("{% endif %}", 1, "nothing is open"),
        ("{% for x of list %}{% endfor %}", 1, "in is expected"),
        ("{{ }}", 1, "a value is missing"),
        ("{{ a b }}", 1, "the end is expected"),
        ("{% assign = 3 %}", 1, "a name is expected"),
        ("{{ 'open }}", 1, "not closed"),
        ("x\n{% raw %}", 2, "not closed"),
        ("{% case a %}{% when %}{% endcase %}", 1, "a value is missing"),
        ("{{ a. }}", 1, "field's name"),
    ] {
        let error = compile(&plain(template), &Bounds::default()).unwrap_err();
        assert_eq!((error.code, error.params["line"].as_str()), ("content.template_syntax", line.to_string().as_str()), "{template}: {error}");
        assert!(error.detail.contains(what) && error.fields.contains_key("text"), "{template}: {error}");
    }
}

#[test]
fn money_is_decimal() {
    let context = json!({"price": "0.10", "list": ["0.1", "0.2"], "n": 0.1, "big": "79228162514264337593543950335"});
    assert_eq!(text("{{ price | times: 3 }} {{ list | sum }} {{ n | plus: 0.2 }} {{ price | divided_by: 0 }}", &context), "0.30 0.3 0.3 ");
    assert_eq!(text("{% if price < 0.2 %}cheap{% endif %} {{ big | times: big }}", &context), "cheap ");
}

#[test]
fn dates_are_shown_where_the_brand_is() {
    let context = json!({"at": "2026-11-22T18:30:00Z", "day": "2026-11-22", "seconds": 1_795_316_412, "time_zone": "Asia/Shanghai", "now": "2026-11-22T03:00:12Z", "bad": "soon"});
    assert_eq!(text("{{ at | date: '%m月%d日 %H:%M' }}", &context), "11月23日 02:30");
    assert_eq!(text("{{ day | date: '%Y/%m/%d' }} {{ seconds | date: '%H:%M:%S' }}", &context), "2026/11/22 11:00:12");
    assert_eq!(text("{{ 'now' | date: '%Y-%m-%d' }} {{ bad | date: '%Y' }} {{ missing | date: '%Y' }}", &context), "2026-11-22 soon ");
    assert_eq!(text("{{ at | date: '%H' }} {{ at | date: '%500d' }} {{ 'now' | date: '%Y' }}", &json!({"at": "2026-11-22T18:30:00Z"})), "18 2026-11-22T18:30:00Z ");
}

#[test]
fn variables_are_told_by_their_paths() {
    let source = Source {
        subject: Some("{{ person.city | upcase }} {{ person['name'] }}".into()),
        html: Some("{% for item in cart.items limit: max %}{{ item.title }}{{ forloop.index }}{{ shop.name }}{% endfor %}{% assign a = coupon.code %}{{ a }}{% if person.tags.size > 0 and vip %}{{ list[0].x }}{{ map[key] }}{% endif %}".into()),
        text: Some("{{ broken".into()),
        fields: [("p".to_owned(), "{% capture c %}{{ order.id }}{% endcapture %}{{ c }}{{ x | append: y, z: w }}".to_owned())].into(),
    };
    let found: Vec<String> = variables(&source).into_iter().collect();
    assert_eq!(found, ["cart.items", "coupon.code", "key", "list", "map", "max", "order.id", "person.city", "person.name", "person.tags", "shop.name", "vip", "w", "x", "y"]);
}

#[test]
fn lint_names_what_is_not_known() {
    let source = Source {
        subject: Some("Hi {{ person.first_name }}".into()),
        html: Some("<p>{{ person.fist_name }}</p>\n{{ person }}{{ event.properties.any.thing }}\n<a href={{ url }}>{{ b }}</a><script>{{ url }}</script>".into()),
        text: Some("x\n{% if %}".into()),
        ..Source::default()
    };
    let known = ["person.first_name", "event.properties", "url"];
    let told: Vec<(String, usize, &str, Option<String>)> = lint(&source, &known).into_iter().map(|w| (w.part, w.line, w.code, w.variable)).collect();
    assert_eq!(
        told,
        [
            ("html".into(), 1, "unknown_variable", Some("person.fist_name".into())),
            ("html".into(), 3, "unknown_variable", Some("b".into())),
            ("html".into(), 3, "output_without_quotes", None),
            ("html".into(), 3, "output_in_code", None),
            ("text".into(), 2, "syntax_error", None),
        ]
    );
}

#[test]
fn web_links_are_rewritten_and_others_are_not() {
    let mut seen = Vec::new();
    let out = rewrite_links(
        "<a href=\"https://shop.example/?a=1&amp;b=2\">x</a><A HREF='http://b.example'>y</A><a href=https://c.example/d>z</a>\
         <a href=\"mailto:a@b.c\">m</a><a href=\"tel:1\">t</a><a href=\"weft:unsubscribe\">u</a><a href=\"#top\">a</a><a href=\"/r\">r</a><a href=\"\">e</a>\
         <img src=\"https://img.example/i.png\"><link href=\"https://css.example/\"><area href=\" https://map.example \"><!-- <a href=\"https://no.example\"> -->\
         <script>\"<a href='https://no.example'>\"</script><a title=\"href=https://no.example\" data-href=\"https://no.example\">",
        |url| {
            seen.push(url.to_owned());
            format!("https://t.example/c/{}?x=1&y=\"", seen.len())
        },
    );
    assert_eq!(seen, ["https://shop.example/?a=1&b=2", "http://b.example", "https://c.example/d", "https://map.example"]);
    for part in [
        "<a href=\"https://t.example/c/1?x=1&amp;y=&quot;\">x</a>", "<A HREF='https://t.example/c/2?x=1&amp;y=&quot;'>y</A>", "<a href=\"https://t.example/c/3?x=1&amp;y=&quot;\">z</a>",
        "<a href=\"mailto:a@b.c\">m</a>", "<a href=\"weft:unsubscribe\">u</a>", "<img src=\"https://img.example/i.png\">", "<!-- <a href=\"https://no.example\"> -->",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
}

#[test]
fn links_in_text_are_rewritten() {
    let out = rewrite_text_links(
        "点击https://a.example/x?y=1&z=2,或 (http://b.example/w_(1)). 也可 HTTPS://C.example!见“https://d.example/路径”。xhttp://e.example mailto:a@b.c https:// http://",
        |url| format!("[{url}]"),
    );
    assert_eq!(out, "点击[https://a.example/x?y=1&z=2],或 ([http://b.example/w_(1)]). 也可 [HTTPS://C.example]!见“[https://d.example/]路径”。x[http://e.example] mailto:a@b.c https:// http://");
}

#[test]
fn the_pixel_stands_at_the_end_of_the_body() {
    let pixel = "<img src=\"https://t.example/o/1?a=1&amp;b=2\" width=\"1\" height=\"1\" alt=\"\" style=\"display:none\">";
    let with = |html: &str| insert_pixel(html, "https://t.example/o/1?a=1&b=2");
    assert_eq!(with("<body><p>x</p></BODY></html>"), format!("<body><p>x</p>{pixel}</BODY></html>"));
    assert_eq!(with("<p>x</p>"), format!("<p>x</p>{pixel}"));
}

#[test]
fn text_is_made_of_html() {
    let html = "<html><head><title>T</title><style>p{}</style></head><body><h1>你好&nbsp;Ann</h1><p>One\n  line<br>two &amp; three</p><ul><li>a</li><li>b</li></ul>\
                <table><tr><td>x</td><td>y</td></tr><tr><td>z</td></tr></table><a href=\"https://a.example\">去看看</a> <a href='https://b.example'>https://b.example</a>\
                <a href=\"mailto:x@y.z\">写信</a><img alt=\"图\" src=x><script>no()</script><!-- no --><hr></body></html>";
    assert_eq!(
        html_to_text(html),
        "你好 Ann\n\nOne line\ntwo & three\n\n- a\n- b\n\nx y\nz\n\n去看看 (https://a.example) https://b.example写信图\n---\n"
    );
    assert_eq!(html_to_text(""), "");
}

#[test]
fn one_reading_serves_many_people() {
    let compiled = compile(&source("<p>{{ n }}</p>"), &Bounds::default()).unwrap();
    for n in 0..100 {
        assert_eq!(compiled.render(&json!({"n": n})).unwrap().html.unwrap(), format!("<p>{n}</p>"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(template in "[{}%|a-z'\". \\[\\]()<>=&;/!-]{0,60}", value in ".*") {
        let context = json!({"a": value, "b": [value], "c": {"d": value}});
        for source in [source(&template), plain(&template)] {
            let _ = render(&source, &context, &Bounds::default());
            let _ = lint(&source, &["a"]);
            let _ = variables(&source);
        }
    }

    #[test]
    fn tags_in_any_order_are_read_or_refused(parts in proptest::collection::vec(prop_oneof![
        Just("{% if a %}"), Just("{% else %}"), Just("{% endif %}"), Just("{% for x in b %}"), Just("{% endfor %}"), Just("{{ x }}"), Just("{{- a | upcase -}}"),
        Just("{% case a %}"), Just("{% when 1 %}"), Just("{% endcase %}"), Just("{% capture z %}"), Just("{% endcapture %}"), Just("{% break %}"), Just("{% cycle 1, 2 %}"),
        Just("{% raw %}"), Just("{% endraw %}"), Just("{% comment %}"), Just("{% endcomment %}"), Just("<a href="), Just("\""), Just("'"), Just(">"), Just("<!--"), Just("<script>"), Just("text"),
    ], 0..20)) {
        let template = parts.concat();
        let _ = render(&source(&template), &json!({"a": "<&>", "b": [1, 2, 3]}), &Bounds::default());
    }

    #[test]
    fn values_never_open_a_tag(value in ".*") {
        let context = json!({"v": value});
        let out = html("{{ v }}<p title=\"{{ v }}\" class={{ v }}>{{ v | upcase }}</p>", &context);
        prop_assert_eq!(out.matches('<').count(), 2, "{}", out);
        prop_assert_eq!(out.matches('>').count(), 2, "{}", out);
        prop_assert_eq!(out.matches('"').count(), 2, "{}", out);
    }

    #[test]
    fn any_html_is_walked(html in "[<>a-z=\"' /&;#!-]{0,80}", url in ".*") {
        let _ = html_to_text(&html);
        let _ = rewrite_links(&html, str::to_owned);
        let _ = rewrite_text_links(&html, str::to_owned);
        let _ = insert_pixel(&html, &url);
        let _ = html::disarm_urls(&html);
    }

    #[test]
    fn html_without_links_stays_as_it_is(html in "[<>a-z=\"' /!-]{0,80}") {
        prop_assert_eq!(rewrite_links(&html, |_| "x".into()), html.clone());
        prop_assert_eq!(rewrite_text_links(&html, |_| "x".into()), html);
    }
}
