using System.Globalization;
using System.Text;
using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Pii;

/// <summary>Makes valid personal data and what looks like it, from a seed.</summary>
internal sealed class PiiSamples(ulong seed)
{
    private static readonly string[] s_words = ["anna", "jörg", "o'brien", "max.muster", "li_wei", "иван", "sales+eu", "a", "first.last%x", "info"];
    private static readonly string[] s_domains = ["example.com", "mail.example.co.uk", "bücher.de", "почта.рф", "xn--bcher-kva.example", "例子.广告", "a-b.org", "sub.sub2.example.museum"];
    private SplitMix64 _random = new(seed);

    /// <summary>The number of forms of <see cref="LookAlike"/> that have a structure of their own, and of all with those that are only digits.</summary>
    public const int StructuredForms = 25, LookAlikeForms = 30;

    public static readonly string[] Sentences =
    [
        "{0}", "Please contact {0} before noon.", "Bitte melden Sie sich unter {0}, danke!", "Merci d'écrire à « {0} » avant lundi", "Escriba a {0}; gracias", "请联系 {0} 谢谢", "Напишите: {0}.",
        "<b>{0}</b>", "\"{0}\"", "({0})", "a;b;{0};c", "value={0}", "x\t{0}\ny", "お問い合わせは「{0}」まで", "{0}?", "'{0}'", "[{0}]", "{{\"v\": \"{0}\"}}",
    ];

    public int Next(int bound) => (int)_random.Next((ulong)bound);

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    public string Digits(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => (char)('0' + Next(10))));

    public string Hex(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => "0123456789abcdef"[Next(16)]));

    public string Email() => $"{Pick(s_words)}{(Next(2) == 0 ? "" : Digits(Next(4)))}@{Pick(s_domains)}";

    public string Iban()
    {
        var (country, structure) = Pick(IbanScanner.Countries.ToArray());
        var account = string.Concat(structure.Select(c => c switch { 'n' => (char)('0' + Next(10)), 'a' => (char)('A' + Next(26)), _ => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[Next(36)] }));
        var rest = 0;
        foreach (var c in account + country + "00") rest = char.IsDigit(c) ? ((rest * 10) + c - '0') % 97 : ((rest * 100) + c - 'A' + 10) % 97;
        var iban = $"{country}{98 - rest:00}{account}";
        return Next(4) switch
        {
            0 => iban,
            1 => iban.ToLowerInvariant(),
            _ => Group(iban, Next(3) == 0 ? "\u00A0" : " ", Enumerable.Repeat(4, 9)),
        };
    }

    public string CardDigits()
    {
        var (prefix, length) = Pick<(string, int)>(
        [
            ("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15), ("6011", 16), ("65", 16), ("36", 14), ("3005", 14), ("3528", 16), ("62", 16), ("62", 19), ("6304", 13), ("2202", 16),
        ]);
        var body = prefix + Digits(length - prefix.Length - 1);
        for (var check = 0; ; check++)
        {
            var digits = body + check.ToString(CultureInfo.InvariantCulture);
            if (CardScanner.HasLuhnDigit(Encoding.ASCII.GetBytes(digits))) return CardScanner.IsCard(Encoding.ASCII.GetBytes(digits), out _) ? digits : CardDigits();
        }
    }

    public string Card()
    {
        var digits = CardDigits();
        var separator = Next(3) switch { 0 => " ", 1 => "-", _ => "" };
        if (digits.Length is 14 or 15) return Group(digits, separator, [4, 6, 5]);
        return digits.Length == 13 ? digits : Group(digits, separator, Enumerable.Repeat(4, 5));
    }

    public string Ip()
    {
        if (Next(2) == 0) return $"{1 + Next(255)}.{Next(256)}.{Next(256)}.{Next(256)}";
        var groups = Enumerable.Range(0, 8).Select(i => i == 0 ? "2001" : Next(0x10000).ToString("x", CultureInfo.InvariantCulture)).ToArray();
        return Next(4) switch
        {
            0 => string.Join(':', groups),
            1 => $"2001:db8::{groups[3]}:1",
            2 => $"::ffff:{1 + Next(255)}.{Next(256)}.{Next(256)}.{Next(256)}",
            _ => $"fe80::{groups[1]}:{groups[2]}".ToUpperInvariant(),
        };
    }

    /// <summary>Makes a number of a plan without what stands before it within the region.</summary>
    public string PhoneDigits(PhonePlan plan, bool isMobile = false)
    {
        var ranges = plan.Ranges.Where(range => !isMobile || range.IsMobile).ToArray();
        var (pattern, shortest, longest, _) = Pick(ranges);
        var number = new StringBuilder();
        for (var i = 0; i < pattern.Length; i += 2) number.Append((char)(pattern[i] + Next(pattern[i + 1] - pattern[i] + 1)));
        return number.Append(Digits(shortest + Next(longest - shortest + 1) - number.Length)).ToString();
    }

    public string InternationalPhone()
    {
        var plan = Pick(PhoneRegions.Plans);
        var (code, number) = (Encoding.ASCII.GetString(plan.CallingCode), PhoneDigits(plan));
        var cut = 2 + Next(2);
        return Next(6) switch
        {
            0 => $"+{code}{number}",
            1 => $"+{code} {number[..cut]} {number[cut..]}",
            2 => $"+{code}-{number[..cut]}-{number[cut..]}",
            3 => $"+{code} ({number[..cut]}) {number[cut..]}",
            4 => $"+{code} {Group(number, " ", [2, 2, 2, 2, 2, 9])}",
            _ when plan.Trunk is [(byte)'0'] => $"+{code} (0){number[..cut]} {number[cut..]}",
            _ => $"+{code}.{number[..cut]}.{number[cut..]}",
        };
    }

    public string NationalPhone(string region)
    {
        var plan = PhoneRegions.Get(region, nameof(region));
        var number = PhoneDigits(plan);
        var trunk = Encoding.ASCII.GetString(plan.Trunk);
        if (trunk.StartsWith('0') && (!plan.IsTrunkOptional || plan.Shapes.Length == 0 || number.Length != plan.Shapes[0].Sum(size => size)))
        {
            var cut = 2 + Next(2);
            return Next(4) switch
            {
                0 => $"{trunk}{number[..cut]} {number[cut..]}",
                1 => $"{trunk}{number[..cut]}-{number[cut..]}",
                2 => $"{trunk}{number[..cut]}/{number[cut..]}",
                _ => $"({trunk}{number[..cut]}) {number[cut..(cut + 3)]} {number[(cut + 3)..]}",
            };
        }

        if (number.StartsWith('0')) return $"{number[..3]} {number[3..]}";
        var shapes = plan.Shapes.Where(shape => shape.Sum(size => size) == number.Length).ToArray();
        var groups = Pick(shapes).Select(size => (int)size).ToArray();
        var text = Group(number, Pick([" ", "-"]), groups);
        return plan.IsTrunkOptional ? text : $"{trunk} {text}";
    }

    /// <summary>Makes a text that is no personal data, but looks like it.</summary>
    /// <param name="form">Which form, below <see cref="LookAlikeForms"/>.</param>
    public string LookAlike(int form)
    {
        var moment = DateTime.UnixEpoch.AddSeconds(1_000_000_000 + Next(1_000_000_000)).AddTicks(Next(10_000_000));
        return form switch
        {
            0 => moment.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture),
            1 => moment.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture),
            2 => new DateTimeOffset(moment).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            3 => new DateTimeOffset(moment).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            4 => $"{Hex(8)}-{Hex(4)}-4{Hex(3)}-a{Hex(3)}-{Hex(12)}",
            5 => $"{Digits(8)}-{Digits(4)}-{Digits(4)}-{Digits(4)}-{Digits(12)}",
            6 => Hex(Pick([32, 40, 64])),
            7 => $"{Next(30)}.{Next(30)}.{Next(30)}",
            8 => $"{Next(30)}.{Next(30)}.{Next(30)}.{Next(30)}.{Next(30)}",
            9 => $"v{Next(30)}.{Next(30)}.{Next(30)}.{Next(30)}",
            10 => $"{Next(1000)}.{Digits(15)}",
            11 => $"-0.{Digits(12)}e-0{Next(9)}",
            12 => $"978-{Next(10)}-{Digits(2)}-{Digits(6)}-{Next(10)}",
            13 => $"978{Digits(10)}",
            14 => $"ORD-{Digits(10)}",
            15 => $"#{Digits(8)}",
            16 => moment.ToString("dd.MM.yyyy HH:mm", CultureInfo.InvariantCulture),
            17 => moment.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
            18 => string.Join(':', Enumerable.Range(0, 6).Select(_ => Hex(2))),
            19 => string.Join(':', Enumerable.Range(0, 8).Select(_ => Hex(2))),
            20 => $"{Next(1000)},{Digits(3)},{Digits(3)}.{Digits(2)}",
            21 => $"{1000 + Next(9000)} {Digits(2)} {Digits(3)}",
            22 => $"icon@{Next(4)}x.png",
            23 => moment.ToString("MM/dd/yyyy hh:mm", CultureInfo.InvariantCulture),
            24 => Next(2) == 0 ? $"{1990 + Next(30)}-{1990 + Next(30)}" : $"{Digits(3)}-{Digits(2)}-{Digits(4)}",
            25 => Digits(16),
            26 => Digits(10),
            27 => $"{Digits(4)} {Digits(4)} {Digits(4)} {Digits(4)}",
            28 => $"{1 + Next(9)}{Digits(2)} {Digits(3)} {Digits(4)} {Digits(3)}",
            _ => Digits(19),
        };
    }

    private static string Group(string text, string separator, IEnumerable<int> sizes)
    {
        var groups = new List<string>();
        foreach (var size in sizes)
        {
            if (text.Length == 0) break;
            groups.Add(text[..Math.Min(size, text.Length)]);
            text = text[Math.Min(size, text.Length)..];
        }

        return string.Join(separator, groups);
    }
}
