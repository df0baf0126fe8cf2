//! The cases of `tests/cmd`: arguments, standard output, standard error, exit status, as data.
//!
//! `TRYCMD=overwrite cargo test -p keyvet-cli --test cli cases` writes them again.

#[test]
fn every_case_prints_and_ends_as_recorded() {
    trycmd::TestCases::new().case("tests/cmd/*.toml").env("COLUMNS", "100").run();
}
