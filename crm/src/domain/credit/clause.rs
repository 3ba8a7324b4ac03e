//! Where a rule of ours stands in the published terms (`RULES.md`, C1–C13): what a customer can look up.

use crate::domain::kind::Terms;

/// The clause of `rule` under these terms; `None` for the rules that are ours alone.
pub fn clause(rule: &str, terms: Terms) -> Option<&'static str> {
    let (vm, kubernetes) = match rule {
        "C1" => ("5.5", "5.5"),
        "C2" => ("5.6", "5.6"),
        "C3" => return (terms == Terms::Kubernetes).then_some("5.7"),
        "C4" => ("5.8", "5.9"),
        "C5" => ("5.9", "5.10"),
        "C6" => ("5.10", "5.11"),
        "C7" => ("5.7", "5.8"),
        "C8" => ("5.11", "5.12"),
        "C9" => ("5.12", "5.13"),
        "C10" => ("5.13", "5.14"),
        "C11" => ("5.14–5.15", "5.15–5.16"),
        _ => return None,
    };
    Some(match terms {
        Terms::Vm => vm,
        Terms::Kubernetes => kubernetes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_those_of_the_published_terms() {
        let vm: Vec<_> = (1..=13).filter_map(|n| clause(&format!("C{n}"), Terms::Vm)).collect();
        assert_eq!(vm, ["5.5", "5.6", "5.8", "5.9", "5.10", "5.7", "5.11", "5.12", "5.13", "5.14–5.15"]);
        let kubernetes: Vec<_> =
            (1..=13).filter_map(|n| clause(&format!("C{n}"), Terms::Kubernetes)).collect();
        let theirs = ["5.5", "5.6", "5.7", "5.9", "5.10", "5.11", "5.8", "5.12", "5.13", "5.14", "5.15–5.16"];
        assert_eq!(kubernetes, theirs);
    }
}
