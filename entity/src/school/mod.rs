//! A school: people, classes, and how the students do.

pub mod attendance;
pub mod class;
pub mod enrollment;
pub mod exam;
pub mod exam_result;
pub mod guardian;
pub mod schedule;
pub mod student;
pub mod student_guardian;
pub mod subject;
pub mod teacher;
pub mod types;
