//! German words; cities and streets of Germany.

use super::{Words, words};

pub(super) const WORDS: Words = Words {
    given: words! {
        "Alexander" "Amelie" "Andreas" "Anja" "Anke" "Anton" "Barbara" "Bastian" "Bernd" "Birgit"
        "Carolin" "Christian" "Claudia" "Clemens" "Dieter" "Dominik" "Elke" "Emil" "Erik" "Eva"
        "Fabian" "Felix" "Florian" "Franziska" "Frieda" "Georg" "Greta" "Hanna" "Hannes" "Heike"
        "Heinrich" "Helga" "Ida" "Ingrid" "Jakob" "Jana" "Johanna" "Jonas" "Jörg" "Jürgen"
        "Karin" "Karl" "Katharina" "Klaus" "Lena" "Leon" "Lotte" "Lukas" "Marlene" "Matthias"
        "Max" "Moritz" "Nele" "Niklas" "Oskar" "Paul" "Petra" "Philipp" "Sabine" "Sören"
        "Stefan" "Susanne" "Thomas" "Ursula" "Uwe" "Vera" "Wiebke" "Wolfgang"
    },
    family: words! {
        "Albrecht" "Arnold" "Bauer" "Baumann" "Beck" "Becker" "Berger" "Böhm" "Brandt" "Braun"
        "Busch" "Dietrich" "Engel" "Fischer" "Frank" "Franke" "Fuchs" "Graf" "Groß" "Günther"
        "Haas" "Hahn" "Hartmann" "Heinrich" "Herrmann" "Hoffmann" "Hofmann" "Horn" "Huber" "Jäger"
        "Jung" "Kaiser" "Keller" "Klein" "Koch" "Köhler" "König" "Krämer" "Kraus" "Krause"
        "Kühn" "Kuhn" "Lang" "Lange" "Lehmann" "Lorenz" "Ludwig" "Maier" "Martin" "Mayer"
        "Meyer" "Möller" "Müller" "Neumann" "Otto" "Peters" "Pfeiffer" "Pohl" "Richter" "Roth"
        "Sauer" "Schäfer" "Scherer" "Schmid" "Schmidt" "Schneider" "Scholz" "Schreiber" "Schröder" "Schubert"
        "Schulte" "Schulz" "Schumacher" "Schuster" "Schwarz" "Seidel" "Simon" "Sommer" "Stein" "Thomas"
        "Vogel" "Vogt" "Voigt" "Wagner" "Walter" "Weber" "Weiß" "Werner" "Winkler" "Winter"
        "Wolf" "Ziegler" "Zimmermann"
    },
    cities: words! {
        "Aachen" "Augsburg" "Berlin" "Bielefeld" "Bochum" "Bonn" "Bremen" "Chemnitz" "Dortmund"
        "Dresden" "Duisburg" "Düsseldorf" "Erfurt" "Essen" "Freiburg" "Göttingen" "Hamburg" "Hannover"
        "Jena" "Karlsruhe" "Kassel" "Kiel" "Köln" "Leipzig" "Lübeck" "Mainz" "Mannheim" "München"
        "Münster" "Nürnberg" "Potsdam" "Regensburg" "Rostock" "Stuttgart" "Wuppertal"
    },
    streets: words! {
        "Ahornweg" "Am Markt" "Amselweg" "Bachstraße" "Bahnhofstraße" "Bergstraße" "Birkenweg"
        "Blumenstraße" "Brunnenweg" "Buchenweg" "Dorfstraße" "Eichenweg" "Erlenweg" "Feldstraße"
        "Gartenstraße" "Goethestraße" "Hauptstraße" "Kastanienallee" "Kirchstraße" "Lerchenweg"
        "Lindenallee" "Mühlenweg" "Ringstraße" "Rosenweg" "Schillerstraße" "Schulstraße" "Talstraße"
        "Uferweg" "Waldstraße" "Wiesenweg"
    },
    legal_forms: words! { "& Söhne" "AG" "e. K." "GmbH" "KG" },
    title_starts: words! {
        "Abendliche" "Alte" "Blaue" "Dritte" "Ferne" "Goldene" "Große" "Helle" "Kleine" "Lange"
        "Leise" "Neue" "Offene" "Rote" "Silberne" "Späte" "Stille" "Verborgene" "Weite" "Zweite"
    },
    title_ends: words! {
        "Begegnung" "Bühne" "Brücke" "Erinnerung" "Fahrt" "Frage" "Geschichte" "Insel" "Karte"
        "Laterne" "Melodie" "Nacht" "Probe" "Reise" "Runde" "Stunde" "Tafel" "Versammlung" "Werkstatt"
        "Woche"
    },
    subjects: words! {
        "Der erste Redner" "Der Fahrer" "Der halbe Kurs" "Die Nachbarin" "Die neue Kollegin"
        "Ein alter Freund des Hauses" "Eine der Besucherinnen" "Jemand aus dem Büro" "Jeder im Saal"
        "Niemand" "Unser Gast" "Wer am Empfang saß"
    },
    predicates: words! {
        "änderte den Plan" "bat um eine zweite Meinung" "brachte noch mehr Stühle"
        "erinnerte sich an den Weg" "erklärte alles von vorn" "erzählte eine lange Geschichte"
        "fand den fehlenden Schlüssel" "hinterließ eine Nachricht" "öffnete die Fenster"
        "schrieb alles auf" "wartete auf den nächsten Bus" "zählte die Kisten noch einmal"
    },
    circumstances: words! {
        "auf dem Heimweg" "vor dem Einlass" "gerade noch rechtzeitig" "in der Pause"
        "nach dem Mittagessen" "ungefragt" "trotz des Regens" "zum dritten Mal in dieser Woche"
    },
};
