//! French words; cities and streets of France.

use super::{Words, words};

pub(super) const WORDS: Words = Words {
    given: words! {
        "Adèle" "Agathe" "Alexandre" "Alice" "Amélie" "André" "Antoine" "Arthur" "Aurélie" "Baptiste"
        "Béatrice" "Benoît" "Camille" "Cécile" "Charles" "Chloé" "Clément" "Denis" "Élise" "Élodie"
        "Émile" "Étienne" "Fabien" "Florence" "François" "Gabriel" "Geneviève" "Guillaume" "Hélène" "Hugo"
        "Inès" "Isabelle" "Jacques" "Jeanne" "Joséphine" "Jules" "Juliette" "Laurent" "Léa" "Louis"
        "Louise" "Lucie" "Madeleine" "Manon" "Marc" "Margaux" "Marie" "Mathilde" "Maxime" "Nicolas"
        "Noémie" "Océane" "Olivier" "Pauline" "Philippe" "Pierre" "Raphaël" "Rémi" "Sandrine" "Sylvie"
        "Théo" "Thérèse" "Valentin" "Victor" "Yann" "Zoé"
    },
    family: words! {
        "Aubert" "Barbier" "Baron" "Benoit" "Bernard" "Bertrand" "Blanc" "Blanchard" "Bonnet" "Bourgeois"
        "Boyer" "Brun" "Brunet" "Caron" "Charpentier" "Chevalier" "Clément" "Colin" "Collet" "Da Silva"
        "David" "Denis" "Deschamps" "Dubois" "Dufour" "Dumas" "Dumont" "Dupont" "Dupuis" "Durand"
        "Duval" "Fabre" "Faure" "Fontaine" "Fournier" "François" "Gaillard" "Garnier" "Gauthier" "Gautier"
        "Gérard" "Girard" "Giraud" "Guérin" "Guillaume" "Henry" "Hubert" "Joly" "Lacroix" "Lambert"
        "Laurent" "Le Gall" "Leblanc" "Leclerc" "Lefebvre" "Lefèvre" "Legrand" "Lemaire" "Leroux" "Leroy"
        "Lucas" "Marchand" "Martin" "Martinez" "Masson" "Mathieu" "Mercier" "Meunier" "Meyer" "Michel"
        "Moreau" "Morel" "Morin" "Moulin" "Noël" "Olivier" "Perrin" "Petit" "Philippe" "Picard"
        "Renard" "Renaud" "Rivière" "Robert" "Robin" "Roche" "Rousseau" "Roux" "Roy" "Schmitt"
        "Simon" "Thomas" "Vidal" "Vincent"
    },
    cities: words! {
        "Amiens" "Angers" "Avignon" "Bayonne" "Besançon" "Bordeaux" "Bourges" "Brest" "Caen" "Dijon"
        "Grenoble" "La Rochelle" "Le Havre" "Le Mans" "Lille" "Limoges" "Lyon" "Marseille" "Metz"
        "Montpellier" "Nancy" "Nantes" "Nice" "Orléans" "Paris" "Pau" "Perpignan" "Poitiers" "Reims"
        "Rennes" "Rouen" "Strasbourg" "Toulon" "Toulouse" "Tours"
    },
    streets: words! {
        "avenue de la Gare" "avenue des Tilleuls" "boulevard du Nord" "chemin des Vignes"
        "chemin du Moulin" "cours de la Marne" "impasse des Lilas" "place de la Mairie"
        "place du Marché" "quai des Brumes" "rue de l’Église" "rue de la Fontaine" "rue de la Paix"
        "rue des Acacias" "rue des Cerisiers" "rue des Écoles" "rue des Jardins" "rue des Peupliers"
        "rue des Roses" "rue du Château" "rue du Lavoir" "rue du Port" "rue du Puits" "rue du Stade"
        "rue du Vieux Pont" "rue Haute" "rue Neuve" "rue Pasteur" "rue Saint-Martin" "rue Victor Hugo"
    },
    legal_forms: words! { "et Fils" "SA" "SARL" "SAS" "SCOP" },
    title_starts: words! {
        "Une autre" "Une belle" "Une brève" "La dernière" "La grande" "La nouvelle" "La petite"
        "La première" "La prochaine" "La seconde" "La vieille" "Une longue" "Notre" "Toute une" "Chaque"
        "La même" "Une fausse" "Une simple" "La vraie" "Votre"
    },
    title_ends: words! {
        "aventure" "chanson" "danse" "école" "escale" "fête" "histoire" "île" "journée" "lanterne"
        "lettre" "maison" "nuit" "page" "promenade" "rencontre" "saison" "scène" "soirée" "visite"
    },
    subjects: words! {
        "Chacun dans la salle" "L’équipe" "La moitié du groupe" "La nouvelle collègue" "La voisine"
        "Le chauffeur" "Le comité" "Le premier orateur" "Notre invité" "Quelqu’un du bureau"
        "Un vieil ami de la maison" "Une visiteuse"
    },
    predicates: words! {
        "a apporté d’autres chaises" "a attendu le bus suivant" "a changé le programme"
        "a compté les cartons encore une fois" "a demandé un second avis" "a expliqué la situation"
        "a laissé un mot" "a ouvert les fenêtres" "a pris des notes" "a raconté une longue histoire"
        "a retrouvé la clé perdue" "s’est souvenu du chemin"
    },
    circumstances: words! {
        "après le déjeuner" "avant l’ouverture des portes" "juste à temps" "malgré la pluie"
        "pendant la pause" "pour la troisième fois cette semaine" "sans qu’on le demande"
        "sur le chemin du retour"
    },
};
