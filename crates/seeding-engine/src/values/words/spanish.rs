//! Spanish words; cities and streets of Spain.

use super::{Words, words};

pub(super) const WORDS: Words = Words {
    given: words! {
        "Adrián" "Alba" "Alejandro" "Alicia" "Álvaro" "Ana" "Andrés" "Ángela" "Antonio" "Beatriz"
        "Blanca" "Bruno" "Carla" "Carlos" "Carmen" "Clara" "Cristina" "Daniel" "Diego" "Elena"
        "Emilio" "Esteban" "Eva" "Fernando" "Francisca" "Gabriela" "Gloria" "Gonzalo" "Guillermo" "Héctor"
        "Hugo" "Ignacio" "Inés" "Irene" "Isabel" "Iván" "Javier" "Jimena" "Jorge" "José"
        "Juan" "Julia" "Laura" "Leonor" "Lucía" "Luis" "Manuel" "Marcos" "María" "Mario"
        "Marta" "Martín" "Mateo" "Miguel" "Natalia" "Nuria" "Óscar" "Pablo" "Paula" "Pedro"
        "Pilar" "Rafael" "Raquel" "Ramón" "Rocío" "Rosa" "Rubén" "Sara" "Sergio" "Silvia"
        "Sofía" "Teresa" "Tomás" "Valeria" "Víctor"
    },
    family: words! {
        "Aguilar" "Alonso" "Álvarez" "Arias" "Benítez" "Blanco" "Bravo" "Caballero" "Cabrera" "Calvo"
        "Campos" "Cano" "Carmona" "Carrasco" "Castillo" "Castro" "Cortés" "Crespo" "Cruz" "Delgado"
        "Díaz" "Díez" "Domínguez" "Durán" "Esteban" "Fernández" "Ferrer" "Flores" "Fuentes" "Gallardo"
        "Gallego" "García" "Garrido" "Gil" "Giménez" "Gómez" "González" "Guerrero" "Gutiérrez" "Hernández"
        "Herrera" "Herrero" "Hidalgo" "Ibáñez" "Iglesias" "Jiménez" "León" "López" "Lorenzo" "Lozano"
        "Marín" "Márquez" "Martín" "Martínez" "Medina" "Méndez" "Molina" "Montero" "Mora" "Morales"
        "Moreno" "Moya" "Muñoz" "Navarro" "Nieto" "Núñez" "Ortega" "Ortiz" "Parra" "Pascual"
        "Pastor" "Peña" "Pérez" "Prieto" "Ramírez" "Ramos" "Rey" "Reyes" "Rodríguez" "Rojas"
        "Román" "Romero" "Rubio" "Ruiz" "Sáez" "Sánchez" "Santana" "Santos" "Sanz" "Serrano"
        "Soler" "Soto" "Suárez" "Torres" "Vargas" "Vázquez" "Vega" "Vicente" "Vidal"
    },
    cities: words! {
        "Albacete" "Alicante" "Almería" "Badajoz" "Barcelona" "Bilbao" "Burgos" "Cáceres" "Cádiz"
        "Cartagena" "Castellón" "Córdoba" "Cuenca" "Gijón" "Girona" "Granada" "Huelva" "Jaén" "León"
        "Lleida" "Logroño" "Lugo" "Madrid" "Málaga" "Murcia" "Oviedo" "Palencia" "Pamplona"
        "Salamanca" "Santander" "Segovia" "Sevilla" "Toledo" "Valencia" "Valladolid" "Vigo" "Zaragoza"
    },
    streets: words! {
        "Avenida de la Estación" "Avenida del Mar" "Calle Alta" "Calle de la Fuente"
        "Calle de la Iglesia" "Calle de la Luna" "Calle de la Paz" "Calle de las Flores"
        "Calle de los Olivos" "Calle del Carmen" "Calle del Molino" "Calle del Olmo" "Calle del Pilar"
        "Calle del Pozo" "Calle del Puente" "Calle del Río" "Calle del Sol" "Calle Mayor" "Calle Nueva"
        "Calle Real" "Camino del Monte" "Paseo de la Alameda" "Paseo de los Tilos" "Paseo Marítimo"
        "Plaza de España" "Plaza del Mercado" "Plaza del Teatro" "Ronda Norte" "Ronda Sur"
        "Travesía del Huerto"
    },
    legal_forms: words! { "e Hijos" "S. A." "S. Coop." "S. L." "y Asociados" },
    title_starts: words! {
        "Cada" "La gran" "La misma" "La nueva" "La otra" "La pequeña" "La primera" "La próxima"
        "La segunda" "La última" "La vieja" "Media" "Nuestra" "Toda una" "Una breve" "Una buena"
        "Una larga" "Una simple" "Una tranquila" "Vuestra"
    },
    title_ends: words! {
        "aventura" "canción" "carta" "cena" "cita" "clase" "escuela" "fiesta" "función" "historia"
        "isla" "mañana" "noche" "página" "pregunta" "promesa" "reunión" "tarde" "temporada" "visita"
    },
    subjects: words! {
        "Alguien de la oficina" "Cada persona en la sala" "El comité" "El conductor" "El primer ponente"
        "La mitad del grupo" "La nueva compañera" "La vecina" "Nuestro invitado" "Quien estaba en recepción"
        "Un viejo amigo de la casa" "Una visitante"
    },
    predicates: words! {
        "abrió las ventanas" "anotó todo" "cambió el plan" "contó las cajas otra vez"
        "contó una larga historia" "dejó una nota" "encontró la llave perdida" "esperó el siguiente autobús"
        "explicó lo que había pasado" "pidió una segunda opinión" "recordó el camino" "trajo más sillas"
    },
    circumstances: words! {
        "a pesar de la lluvia" "antes de que abrieran las puertas" "de camino a casa"
        "después de comer" "durante el descanso" "justo a tiempo" "por tercera vez esta semana"
        "sin que nadie lo pidiera"
    },
};
