using System.Globalization;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Tells whether whole numbers are cards or telephone numbers.</summary>
/// <remarks>
/// <para>A card is a number of 13 to 19 digits as in a text. A telephone number is one of a locale without what stands before it there (a leading zero is lost in a number), or with
/// its calling code; in a column named for telephones, one of any known plan with its calling code.</para>
/// <para>Numbers that are seconds since 1970 between 2001 and 2040 are telephone numbers only in a column named so: German mobile numbers are in that range.</para>
/// </remarks>
internal static class PiiNumber
{
    private const long Smallest = 10_000_000;
    private const long FirstSecond = 1_000_000_000;
    private const long LastSecond = 2_208_988_800;
    private const double LargestExact = 9_007_199_254_740_992;

    /// <summary>Gets the number of bytes that the longest number takes.</summary>
    public const int MaxDigits = 20;

    /// <summary>Tells whether columns of a type can hold such numbers.</summary>
    public static bool CanRead(ElementType type) => type is ElementType.Int32 or ElementType.UInt32 or ElementType.Int64 or ElementType.UInt64 or ElementType.Float64;

    /// <summary>Reads a row as a whole number large enough to be looked at.</summary>
    public static bool TryRead(Column column, int row, out ulong number)
    {
        var value = column switch
        {
            Column<long> typed => typed.Values[row],
            Column<int> typed => typed.Values[row],
            Column<uint> typed => typed.Values[row],
            Column<ulong> typed => typed.Values[row] > long.MaxValue ? -1 : (long)typed.Values[row],
            Column<double> typed => typed.Values[row] is >= Smallest and <= LargestExact && Math.Truncate(typed.Values[row]) == typed.Values[row] ? (long)typed.Values[row] : -1,
            _ => -1,
        };
        number = (ulong)Math.Max(value, 0);
        return value >= Smallest;
    }

    /// <summary>Judges a number.</summary>
    /// <param name="number">The number.</param>
    /// <param name="rules">What to look for.</param>
    /// <param name="isPhoneColumn">Whether the column is named for telephones.</param>
    /// <param name="digits">Receives the number in the form in which it would stand in a text, a telephone number as E.164 says; at least 32 bytes.</param>
    /// <param name="length">The number of bytes.</param>
    /// <param name="isCardMiss">Whether it would be a card but for the check digit.</param>
    /// <returns>What it is; <see langword="null"/> where it is nothing.</returns>
    public static PiiKind? Judge(ulong number, PiiRules rules, bool isPhoneColumn, Span<byte> digits, out int length, out bool isCardMiss)
    {
        isCardMiss = false;
        number.TryFormat(digits, out length, default, CultureInfo.InvariantCulture);
        if (rules.Has(PiiKind.Card) && CardScanner.IsCard(digits[..length], out var hasCheckDigit))
        {
            if (hasCheckDigit) return PiiKind.Card;
            isCardMiss = true;
        }

        if (!rules.Has(PiiKind.Phone) || (!isPhoneColumn && number is >= FirstSecond and <= LastSecond)) return null;
        foreach (var plan in rules.Plans)
        {
            var code = plan.CallingCode.Length;
            if (plan.IsNumber(digits[..length], out _)) code = 0;
            else if (!digits[..length].StartsWith(plan.CallingCode) || !plan.IsNumber(digits[code..length], out _)) continue;
            Prefix(code == 0 ? plan.CallingCode : [], digits, ref length);
            return PiiKind.Phone;
        }

        if (!isPhoneColumn) return null;
        foreach (var plan in PhoneRegions.Plans)
        {
            if (!digits[..length].StartsWith(plan.CallingCode) || !plan.IsNumber(digits[plan.CallingCode.Length..length], out _)) continue;
            Prefix([], digits, ref length);
            return PiiKind.Phone;
        }

        return null;
    }

    private static void Prefix(ReadOnlySpan<byte> callingCode, Span<byte> digits, ref int length)
    {
        var shift = callingCode.Length + 1;
        digits[..length].CopyTo(digits[shift..]);
        digits[0] = (byte)'+';
        callingCode.CopyTo(digits[1..]);
        length += shift;
    }
}
