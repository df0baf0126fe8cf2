//! How many reports things cost.

use crate::keys::{BOTH, ask, far, get_info, key, open};
use keyvet_transport::Channel;
use keyvet_virtual_key::Touch;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn opening_and_get_info_cost_two_reports_out_and_one_in_beside_the_answer() {
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let before = key.reports();
        let mut channel = open(key.link()).await.unwrap();
        let opened = key.reports();
        assert_eq!((opened.0 - before.0, opened.1 - before.1), (1, 1), "{firmware}: INIT");
        let answer = ask(&mut channel, &get_info()).await.unwrap();
        let after = key.reports();
        assert_eq!((after.0 - opened.0, after.1 - opened.1), (1, in_reports(answer.len())));
        // 9 for the usual answer of 6 reports: INIT out and in, the request, the answer
        assert_eq!(after.0 - before.0 + after.1 - before.1, 3 + in_reports(answer.len()));
    }
}

#[tokio::test]
async fn a_ping_costs_its_own_reports() {
    let cancel = CancellationToken::new();
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let mut channel = open(key.link()).await.unwrap();
        let before = key.reports();
        channel.ping(far(&cancel)).await.unwrap();
        assert_eq!(key.reports(), (before.0 + 1, before.1 + 1), "{firmware}");
    }
}

/// 57 bytes in the first report, 59 in each other.
fn in_reports(len: usize) -> u64 {
    1 + u64::try_from(len.saturating_sub(57).div_ceil(59)).unwrap()
}
