//! English words; cities and streets of the United States.

use super::{Words, words};

pub(super) const WORDS: Words = Words {
    given: words! {
        "Abigail" "Adam" "Alice" "Amelia" "Andrew" "Anna" "Anthony" "Beatrice" "Benjamin" "Blake"
        "Caleb" "Caroline" "Charlotte" "Chloe" "Christopher" "Clara" "Daisy" "Daniel" "David" "Dorothy"
        "Edward" "Eleanor" "Elijah" "Elizabeth" "Ella" "Emily" "Emma" "Ethan" "Eva" "Evelyn"
        "Felix" "Florence" "Gabriel" "George" "Grace" "Hannah" "Harper" "Harry" "Hazel" "Henry"
        "Hugh" "Ian" "Iris" "Isaac" "Isabel" "Jack" "Jacob" "James" "Jane" "Jasper"
        "Joseph" "Julia" "Katherine" "Laura" "Leah" "Leo" "Lucas" "Lucy" "Margaret" "Martha"
        "Mason" "Matthew" "Megan" "Molly" "Nathan" "Noah" "Nora" "Oliver" "Olivia" "Oscar"
        "Owen" "Patrick" "Penelope" "Peter" "Phoebe" "Quentin" "Rachel" "Rebecca" "Robert" "Rose"
        "Ruby" "Ruth" "Samuel" "Sarah" "Sebastian" "Simon" "Sophia" "Stella" "Thomas" "Toby"
        "Violet" "Walter" "William" "Zachary"
    },
    family: words! {
        "Adams" "Allen" "Anderson" "Bailey" "Baker" "Barnes" "Bell" "Bennett" "Brooks" "Brown"
        "Butler" "Campbell" "Carter" "Clark" "Cole" "Coleman" "Collins" "Cook" "Cooper" "Cox"
        "Davies" "Dixon" "Edwards" "Ellis" "Evans" "Fisher" "Foster" "Fox" "Gibson" "Graham"
        "Grant" "Gray" "Green" "Hall" "Harris" "Harrison" "Hayes" "Henderson" "Hill" "Holmes"
        "Howard" "Hughes" "Hunt" "Jackson" "Jenkins" "Johnson" "Jones" "Kelly" "Kennedy" "King"
        "Knight" "Lawrence" "Lewis" "Marshall" "Martin" "Mason" "Miller" "Mills" "Mitchell" "Moore"
        "Morgan" "Morris" "Murphy" "Murray" "Nelson" "Palmer" "Parker" "Patterson" "Perry" "Phillips"
        "Porter" "Powell" "Price" "Reed" "Reynolds" "Richardson" "Roberts" "Robinson" "Rogers" "Ross"
        "Russell" "Shaw" "Simpson" "Smith" "Stevens" "Stewart" "Sullivan" "Taylor" "Thompson" "Turner"
        "Walker" "Ward" "Watson" "Webb" "Wells" "White" "Williams" "Wilson" "Wood" "Wright"
    },
    cities: words! {
        "Albuquerque" "Atlanta" "Austin" "Baltimore" "Boise" "Boston" "Buffalo" "Charlotte" "Chicago"
        "Cincinnati" "Cleveland" "Columbus" "Dallas" "Denver" "Detroit" "Fresno" "Houston"
        "Indianapolis" "Louisville" "Memphis" "Milwaukee" "Minneapolis" "Nashville" "Omaha"
        "Philadelphia" "Phoenix" "Pittsburgh" "Portland" "Raleigh" "Richmond" "Rochester"
        "Sacramento" "Seattle" "Tucson" "Tulsa"
    },
    streets: words! {
        "Alder Street" "Birch Lane" "Bridge Street" "Cedar Avenue" "Chestnut Street" "Church Street"
        "College Avenue" "Elm Street" "Garden Street" "Grove Avenue" "Harbor Drive" "Hickory Lane"
        "High Street" "Hillside Avenue" "Lake Street" "Library Lane" "Linden Street" "Main Street"
        "Maple Avenue" "Market Street" "Meadow Lane" "Mill Road" "Oak Street" "Orchard Road"
        "Park Avenue" "Pine Street" "River Road" "Spring Street" "Sunset Drive" "Willow Way"
    },
    legal_forms: words! { "& Co." "Group" "Inc." "LLC" "Partners" },
    title_starts: words! {
        "Autumn" "Bright" "Crimson" "Distant" "Electric" "Evening" "First" "Gentle" "Golden" "Hidden"
        "Lazy" "Midnight" "Northern" "Open" "Paper" "Quiet" "Rolling" "Silver" "Spring" "Wandering"
    },
    title_ends: words! {
        "Afternoon" "Almanac" "Bridge" "Concert" "Evening" "Garden" "Harbour" "Journey" "Lantern"
        "Letters" "Market" "Meeting" "Notes" "Parade" "Questions" "Rehearsal" "Stories" "Theatre"
        "Weekend" "Workshop"
    },
    subjects: words! {
        "A new member of the team" "An old friend of the house" "Everybody in the room" "Half of the group"
        "Nobody" "One of the visitors" "Our neighbour" "Somebody from the office" "The committee"
        "The driver" "The first speaker" "The person at the desk"
    },
    predicates: words! {
        "asked for a second opinion" "brought more chairs" "changed the plan" "counted the boxes again"
        "explained what had happened" "found the missing key" "left a note" "opened the windows"
        "remembered the way" "told a long story" "waited for the next bus" "wrote everything down"
    },
    circumstances: words! {
        "after lunch" "before the doors opened" "during the break" "for the third time this week"
        "in spite of the rain" "just in time" "on the way home" "without being asked"
    },
};
