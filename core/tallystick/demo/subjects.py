"""What clients write to the service desk, by the PSA's ticket types."""

SUBJECTS = {
    "Incident": (
        "Outlook startet nicht",
        "Drucker druckt nur leere Seiten",
        "VPN bricht alle zehn Minuten ab",
        "Kein Zugriff auf das Laufwerk Projekte",
        "Rechner sehr langsam",
        "Bildschirm bleibt schwarz",
        "WLAN im Besprechungsraum fällt aus",
        "Konto gesperrt nach falschem Kennwort",
        "Scanner legt keine Dateien ab",
        "Telefonanlage ohne Freizeichen",
    ),
    "Service Request": (
        "Neues Konto für Mitarbeiterin",
        "Kennwort zurücksetzen",
        "Zweiten Bildschirm anschließen",
        "Freigabe für externes Postfach",
        "Programm auf Notebook installieren",
        "Umzug eines Arbeitsplatzes",
        "Weiterleitung während des Urlaubs",
    ),
    "Problem": (
        "Sicherung läuft wiederholt zu lange",
        "Wiederkehrende Neustarts nach Updates",
        "Datenbank wird montags langsam",
    ),
    "Alert": (
        "Festplatte zu 90 % belegt",
        "Sicherung von letzter Nacht fehlgeschlagen",
        "Zertifikat läuft in 14 Tagen ab",
        "Server antwortet nicht",
    ),
}
