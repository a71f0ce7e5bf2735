//! `weft link`, as somebody calls it.

use std::process::Command;

use serde_json::Value;

fn link(arguments: &[&str]) -> (bool, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_weft")).arg("link").args(arguments).output().unwrap();
    (out.status.success(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

#[test]
fn a_file_says_who_would_be_whom() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("pairs.csv"), folder.path().join("people.csv"));
    let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
    let mut rows = String::from("\u{feff}mobile,openid,name\n13800138000,o1,a\n13800138000,o2,b\n,o2,c\nnull,,d\n");
    (0..9).for_each(|n| rows.push_str(&format!("400-800,s{n},shop\n")));
    std::fs::write(file, rows).unwrap();
    let (is_good, said, _) = link(&[file, "--ids", "phone=mobile,openid", "--shared-after", "5", "--out", out, "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert!(is_good);
    for (name, expected) in [("rows", 13), ("rows_without_identifier", 1), ("identifiers", 13), ("links", 11), ("people", 11), ("largest", 3)] {
        assert_eq!(said[name], expected, "{name}: {said}");
    }
    assert_eq!(said["shared"], serde_json::json!([{"kind": "phone", "value": "400-800", "rows": 9}]));
    let written = std::fs::read_to_string(out).unwrap();
    assert!(written.starts_with("person,kind,identifier\n1,phone,13800138000\n1,openid,o1\n1,openid,o2\n"), "{written}");
    let (is_good, _, said) = link(&[file, "--ids", "telephone"]);
    assert!(!is_good && said.contains("there is no column telephone; there are mobile, openid, name"), "{said}");
}
