using System.Text;

namespace Mlops.Validation;

/// <summary>Words that say what a number is, before it in a text or in the name of its column.</summary>
internal static class PiiCues
{
    private const int LookBack = 40;

    private static readonly byte[][] s_phoneWords = Encode(
        "tel", "telefon", "telephone", "telephon", "phone", "phones", "phonenumber", "telefonnummer", "telefono", "telefone", "téléphone", "telefonnr", "telno", "telnr", "teléfono", "tél", "mobile", "mobil", "mobilnummer",
        "mob", "móvil", "movil", "celular", "cellulare", "portable", "cell", "cellphone", "handy", "handynummer", "handynr", "fax", "faxnumber", "telefax", "gsm", "msisdn", "sms", "whatsapp", "rufnummer",
        "tlf", "puhelin", "matkapuhelin", "komórka", "тел", "телефон", "моб", "☎", "📞", "电话", "電話", "手机", "手機", "携帯", "전화");

    private static readonly byte[][] s_cardWords = Encode("card", "cardnumber", "cardno", "ccnumber", "ccnum", "cc", "pan", "kreditkarte", "kreditkartennummer", "kartennummer", "carte", "tarjeta", "carta");

    private static readonly byte[][] s_fillers = Encode("number", "numbers", "no", "nr", "num", "nummer", "numéro", "numero", "número", "is", "ist", "est", "es", "me", "us", "at", "unter", "or", "oder", "my", "номер");

    /// <summary>Tells whether a word for telephones stands right before a place, with at most one small word between.</summary>
    public static bool IsPhoneBefore(ReadOnlySpan<byte> text, int low, int place)
    {
        low = Math.Max(low, place - LookBack);
        var word = ReadWordBefore(text, low, ref place);
        if (IsOneOf(word, s_phoneWords, true)) return true;
        if (!IsOneOf(word, s_fillers, false)) return false;
        return IsOneOf(ReadWordBefore(text, low, ref place), s_phoneWords, true);
    }

    /// <summary>Tells whether the name of a column says that it holds telephone numbers.</summary>
    public static bool IsPhoneColumn(string name) => HasWord(name, s_phoneWords);

    /// <summary>Tells whether the name of a column says that it holds cards.</summary>
    public static bool IsCardColumn(string name) => HasWord(name, s_cardWords);

    private static bool HasWord(string name, byte[][] words)
    {
        var start = 0;
        for (var i = 1; i <= name.Length; i++)
        {
            var isEnd = i == name.Length || !char.IsLetter(name[i]) || !char.IsLetter(name[i - 1]) || (char.IsUpper(name[i]) && char.IsLower(name[i - 1]));
            if (!isEnd) continue;
            if (IsOneOf(Encoding.UTF8.GetBytes(name[start..i]), words, false)) return true;
            start = i;
        }

        return IsOneOf(Encoding.UTF8.GetBytes(name), words, false);
    }

    private static ReadOnlySpan<byte> ReadWordBefore(ReadOnlySpan<byte> text, int low, ref int place)
    {
        var end = place;
        while (end > low && text[end - 1] is (byte)' ' or (byte)':' or (byte)'.' or (byte)'=' or (byte)'(' or (byte)'"' or (byte)'#' or (byte)'+' or (byte)'-') end--;
        // A full-width colon stands between words too.
        if (end - 3 >= low && text[(end - 3)..end].SequenceEqual("："u8)) end -= 3;
        var start = end;
        while (start > low && (PiiText.IsLetter(text[start - 1]) || text[start - 1] >= 0x80)) start--;
        place = start;
        return text[start..end];
    }

    private static bool IsOneOf(ReadOnlySpan<byte> word, byte[][] words, bool canRunTogether)
    {
        if (word.IsEmpty) return false;
        foreach (var known in words)
        {
            if (word.Length == known.Length && EqualsIgnoreAsciiCase(word, known)) return true;
            // Scripts without spaces run words together: 请拨打电话.
            if (canRunTogether && known[0] >= 0xE0 && word.EndsWith(known)) return true;
        }

        return false;
    }

    private static bool EqualsIgnoreAsciiCase(ReadOnlySpan<byte> word, ReadOnlySpan<byte> known)
    {
        for (var i = 0; i < known.Length; i++)
        {
            if (word[i] != known[i] && !(PiiText.IsLetter(word[i]) && (word[i] | 0x20) == known[i])) return false;
        }

        return true;
    }

    private static byte[][] Encode(params string[] words) => [.. words.Select(Encoding.UTF8.GetBytes)];
}
