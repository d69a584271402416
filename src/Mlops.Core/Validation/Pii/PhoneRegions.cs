namespace Mlops.Validation;

/// <summary>The regions whose national telephone formats can be found.</summary>
/// <remarks>
/// A simplification of the national numbering plans: lengths and first digits of geographic and mobile numbers, not their full structure. Calling codes are those of ITU-T E.164.
/// </remarks>
public static class PhoneRegions
{
    private static readonly PhonePlan[] s_plans =
    [
        new("AT", "Austria", "43", "0", "6[4-9]:9-13m [1-5]:8-12 7:8-12"),
        new("AU", "Australia", "61", "0", "4:9m [2-3]:9 [7-8]:9"),
        new("BE", "Belgium", "32", "0", "4[5-9]:9m [1-9]:8"),
        new("BR", "Brazil", "55", "", "[1-9][1-9]9:11m [1-9][1-9][2-5]:10", "2-5-4 2-4-4"),
        new("CA", "Canada", "1", "1?", "[2-9]xx[2-9]:10", "3-3-4"),
        new("CH", "Switzerland", "41", "0", "7[4-9]:9m [2-9]:9"),
        new("CN", "China", "86", "0?", "1[3-9]:11m 10:10 2:10 [3-9]:10-11", "3-4-4"),
        new("CZ", "Czechia", "420", "", "[2-7]:9", "3-3-3"),
        new("DE", "Germany", "49", "0", "1[5-7]:10-11m [2-9]:8-11"),
        new("DK", "Denmark", "45", "", "[2-9]:8", "2-2-2-2 4-4"),
        new("ES", "Spain", "34", "", "[6-7]:9m [8-9]:9", "3-3-3 3-2-2-2 2-3-2-2"),
        new("FI", "Finland", "358", "0", "4:8-10m 50:8-10m [1-9]:7-9"),
        new("FR", "France", "33", "0", "[6-7]:9m [1-5]:9 [8-9]:9"),
        new("GB", "United Kingdom", "44", "0", "7[1-9]:10m 1:9-10 [2-3]:10 8:10"),
        new("GR", "Greece", "30", "", "69:10m 2:10", "3-3-4 4-3-3 3-7 2-4-4 5-5"),
        new("HK", "Hong Kong", "852", "", "[2-9]:8", "4-4"),
        new("HU", "Hungary", "36", "06", "[2-7]0:9m 1:8 [2-9]:8"),
        new("IE", "Ireland", "353", "0", "8[3-9]:9m 1:8 [2-9]:7-9"),
        new("IL", "Israel", "972", "0", "5:9m 7:9 [2-9]:8"),
        new("IN", "India", "91", "0?", "[6-9]:10m [1-5]:10", "5-5 3-3-4 4-6"),
        new("IT", "Italy", "39", "", "3[1-9]:9-10m 0:8-11", "3-3-4 3-7 3-6 3-3-3 3-2-2-3"),
        new("JP", "Japan", "81", "0", "[7-9]0:10m [1-9]:9"),
        new("KR", "Korea", "82", "0", "1[0-9]:9-10m [2-6]:8-10"),
        new("LU", "Luxembourg", "352", "", "6[2-9]1:9m 2:8", "3-3-3 2-2-2-2"),
        new("MX", "Mexico", "52", "", "[2-9]:10", "2-4-4 3-3-4"),
        new("NL", "Netherlands", "31", "0", "6:9m [1-5]:9 7:9"),
        new("NO", "Norway", "47", "", "[2-9]:8", "2-2-2-2 3-2-3"),
        new("NZ", "New Zealand", "64", "0", "2:8-10m [3-9]:8"),
        new("PL", "Poland", "48", "", "[1-9]:9", "3-3-3 2-3-2-2"),
        new("PT", "Portugal", "351", "", "9:9m 2:9", "3-3-3 2-3-2-2"),
        new("RO", "Romania", "40", "0", "7:9m [2-3]:9"),
        new("RU", "Russia", "7", "8", "[3-9]:10", "3-3-2-2 3-3-4"),
        new("SE", "Sweden", "46", "0", "7[0-9]:9m [1-9]:7-9"),
        new("SG", "Singapore", "65", "", "[8-9]:8m 6:8", "4-4"),
        new("SK", "Slovakia", "421", "0", "9:9m 2:9 [3-5]:9"),
        new("TR", "Türkiye", "90", "0", "5:10m [2-4]:10"),
        new("UA", "Ukraine", "380", "0", "[5-9]:9m [3-4]:9"),
        new("US", "United States", "1", "1?", "[2-9]xx[2-9]:10", "3-3-4"),
        new("ZA", "South Africa", "27", "0", "[6-7]:9m 8[1-4]:9m [1-5]:9"),
    ];

    /// <summary>Gets the regions, as ISO 3166 codes in order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. s_plans.Select(plan => plan.Region)];

    /// <summary>Gets the plans of all regions.</summary>
    internal static IReadOnlyList<PhonePlan> Plans => s_plans;

    /// <summary>Gets the plan of a region.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal static PhonePlan Get(string? region, string parameter)
        => s_plans.FirstOrDefault(plan => string.Equals(plan.Region, region, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"'{region}' is not a known PII locale. Did you mean '{FindNearest(region ?? string.Empty)}'? The known ones are: {string.Join(", ", All)}.", parameter);

    private static string FindNearest(string region)
    {
        region = region.Trim();
        // What is often written instead: a culture (de-DE), a language, an alpha-3 code, a name.
        var part = region.Split('-', '_')[^1];
        if (s_plans.FirstOrDefault(plan => string.Equals(plan.Region, part, StringComparison.OrdinalIgnoreCase)) is { } culture) return culture.Region;
        var alias = part.ToUpperInvariant() switch
        {
            "UK" or "EN" => "GB",
            "USA" => "US",
            "DEU" => "DE",
            "JA" or "JPN" => "JP",
            "ZH" or "CHN" => "CN",
            "SV" => "SE",
            "DA" => "DK",
            "EL" => "GR",
            "KO" => "KR",
            "HE" => "IL",
            "CS" => "CZ",
            _ => null,
        };
        return alias ?? s_plans.MinBy(plan => Math.Min(Distance(plan.Region, part.ToUpperInvariant()), Distance(plan.Name.ToUpperInvariant(), region.ToUpperInvariant())))!.Region;
    }

    /// <summary>Counts the letters to insert, leave out or change. Source: V. I. Levenshtein, Soviet Physics Doklady 10, 1966.</summary>
    private static int Distance(string from, string to)
    {
        // A long text is as far away as its first letters say.
        if (to.Length > 64) to = to[..64];
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 0; i < from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
            {
                var best = Math.Min(Math.Min(row[j], row[j + 1]) + 1, diagonal + (from[i] == to[j] ? 0 : 1));
                diagonal = row[j + 1];
                row[j + 1] = best;
            }
        }

        return row[^1];
    }
}
