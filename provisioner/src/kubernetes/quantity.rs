//! Kubernetes' quantities ("500m", "64Gi", "1e3") as exact numbers.

use crm::domain::form::QuotaResource;

/// A quantity in thousandths of its base unit; `None` if it is no quantity or too large to be one.
fn thousandths(text: &str) -> Option<i128> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || ".+-".contains(c))).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    let mut value: i128 = digits.parse().ok()?;
    let mut divide = u32::try_from(fraction.len()).ok()?;
    let mut multiply: i128 = 1000;
    match suffix {
        "" => {}
        "n" => divide += 9,
        "u" => divide += 6,
        "m" => divide += 3,
        "k" => multiply *= 1_000,
        "M" => multiply *= 1_000_000,
        "G" => multiply *= 1_000_000_000,
        "T" => multiply *= 1_000_000_000_000,
        "P" => multiply *= 1_000_000_000_000_000,
        "E" => multiply *= 1_000_000_000_000_000_000,
        "Ki" => multiply <<= 10,
        "Mi" => multiply <<= 20,
        "Gi" => multiply <<= 30,
        "Ti" => multiply <<= 40,
        "Pi" => multiply <<= 50,
        "Ei" => multiply <<= 60,
        exponent => {
            let power: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            let size = power.unsigned_abs();
            if power >= 0 {
                multiply = multiply.checked_mul(10_i128.checked_pow(size)?)?;
            } else {
                divide += size;
            }
        }
    }
    value = value.checked_mul(multiply)?;
    Some(value.div_euclid(10_i128.checked_pow(divide)?))
}

/// Thousandths of a unit of a resource: of a processor, of a MiB, of a pod.
fn unit(resource: QuotaResource) -> i128 {
    if resource.is_memory() { 1000 << 20 } else { 1000 }
}

/// A quantity in units of `resource`, rounded down.
pub fn whole(text: &str, resource: QuotaResource) -> Option<i64> {
    i64::try_from(thousandths(text)?.div_euclid(unit(resource))).ok()
}

/// A quantity in units of `resource`, rounded up: what is used counts in full.
pub fn rounded_up(text: &str, resource: QuotaResource) -> Option<i64> {
    i64::try_from(-(-thousandths(text)?).div_euclid(unit(resource))).ok()
}

/// Units of `resource` as Kubernetes writes them.
pub fn written(value: i64, resource: QuotaResource) -> String {
    if resource.is_memory() { format!("{value}Mi") } else { value.to_string() }
}

/// Whether two ways of writing mean the same number.
pub fn same(one: &str, other: &str) -> bool {
    one == other || thousandths(one).is_some_and(|v| thousandths(other) == Some(v))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_is_read() {
        for (text, cpu) in [("24", 24), ("24000m", 24), ("1500m", 1), ("2.9", 2), ("1e3", 1000), ("2k", 2000)]
        {
            assert_eq!(whole(text, QuotaResource::Cpu), Some(cpu), "{text}");
        }
        for (text, mib) in
            [("64Gi", 65536), ("512Mi", 512), ("1073741824", 1024), ("1Ti", 1 << 20), ("1G", 953)]
        {
            assert_eq!(whole(text, QuotaResource::Memory), Some(mib), "{text}");
        }
        assert_eq!(rounded_up("1500m", QuotaResource::Cpu), Some(2));
        assert_eq!(rounded_up("3", QuotaResource::Pods), Some(3));
        for nonsense in ["", "NaN", "lots", "1e99", "--1", "1Zi"] {
            assert_eq!(whole(nonsense, QuotaResource::Cpu), None, "{nonsense}");
        }
        assert!(same("64Gi", "65536Mi") && !same("64Gi", "64G"));
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(value in 0..1_000_000_000_i64) {
            for resource in [QuotaResource::Cpu, QuotaResource::Memory, QuotaResource::Pods] {
                proptest::prop_assert_eq!(whole(&written(value, resource), resource), Some(value));
            }
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,12}") {
            let _ = whole(&text, QuotaResource::Memory);
        }
    }
}
