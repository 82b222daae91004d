//! What no two runs have in common, for insta's filters.

/// A pattern and what a snapshot shows in its place.
pub const FILTERS: [(&str, &str); 9] = [
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[uuid]"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)?", "[time]"),
    (r"\b\d+ ms\b", "[n] ms"),
    (r"\bpid \d+", "pid [n]"),
    (r"connected for \d+ s", "connected for [n] s"),
    // How many the catalog has depends on the server's version.
    (r"\b\d+ objects\b", "[n] objects"),
    (r"os error \d+", "os error [n]"),
    // The driver adds where in PostgreSQL's own source the error was raised.
    (r" at line \d+", ""),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
];
