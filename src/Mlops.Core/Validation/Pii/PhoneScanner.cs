namespace Mlops.Validation;

/// <summary>Finds telephone numbers.</summary>
/// <remarks>
/// <para>International: a plus sign and a calling code of E.164, 8 to 15 digits together, and the numbering plan where it is known (<see cref="PhoneRegions"/>); <c>00</c> in
/// place of the plus sign where the plan is known. National: the plan of a locale with the way of writing that goes with it. Digits in one piece are found only as mobile
/// numbers with a leading zero or after a word such as <c>Tel.</c>; dates, years, prices and parts of identifiers are left alone.</para>
/// </remarks>
internal static class PhoneScanner
{
    private const int ShortestInternational = 8;
    private const int LongestInternational = 15;
    private const int LongGroup = 3;

    /// <summary>Finds the number that begins with the first of some groups, or with signs before it.</summary>
    public static bool TryMatch(ReadOnlySpan<byte> text, ref readonly DigitGroups groups, int low, int limit, int maxGroups, bool isPhoneColumn, PiiRules rules, out PiiHit hit)
    {
        hit = default;
        var digit = groups.Start;
        var before = PiiText.Before(text, low, digit);
        var closes = PiiText.At(text, groups.EndOf(0), limit) == ')' && maxGroups > 1;
        var isBracket = before == '(' && closes;
        var start = isBracket ? digit - 1 : digit;
        var sign = PiiText.Before(text, low, start);
        if (sign == '+' || (before == '(' && sign == '+'))
        {
            start--;
            if (closes && before == '+' && PiiText.Before(text, low, start) == '(') start--;
            if (PiiText.ContinuesBefore(text, low, start)) return false;
            return TryInternational(text, in groups, start, limit, maxGroups, 0, null, out hit);
        }

        if (!MayBegin(text, low, start, in groups)) return false;
        var isCued = isPhoneColumn || PiiCues.IsPhoneBefore(text, low, start);
        if (groups.AllDigits.StartsWith("00"u8) && TryInternational(text, in groups, start, limit, maxGroups, 2, isCued ? [] : rules.Plans, out hit)) return true;
        if (rules.Plans.Length == 0 || StartsWithDate(in groups)) return false;
        if (IsMidGroups(text, low, start, in groups)) return false;
        // In a row of numbers with spaces, only a leading zero tells where one begins.
        var isMidRow = PiiText.Before(text, low, start) == ' ' && start - 2 >= low && PiiText.IsDigit(text[start - 2]);
        foreach (var plan in rules.Plans)
        {
            if (TryNational(text, in groups, start, limit, maxGroups, plan, isCued, isMidRow, out hit)) return true;
        }

        return false;
    }

    /// <summary>Writes a number as E.164 says, so that one number has one form.</summary>
    /// <param name="number">The number as it was found.</param>
    /// <param name="rules">The locales: the first one whose plan fits a national number counts.</param>
    /// <param name="target">Receives the plus sign and the digits; at least 32 bytes.</param>
    /// <returns>The number of bytes.</returns>
    public static int Normalise(ReadOnlySpan<byte> number, PiiRules rules, Span<byte> target)
    {
        Span<byte> digits = stackalloc byte[32];
        var count = 0;
        var first = number.IndexOfAnyInRange((byte)'0', (byte)'9');
        var isInternational = number[..first].Contains((byte)'+');
        for (var i = first; i < number.Length && count < 24; i++)
        {
            var isTrunk = isInternational && number[i] == '0' && i > 0 && number[i - 1] == '(' && i + 1 < number.Length && number[i + 1] == ')';
            if (PiiText.IsDigit(number[i]) && !isTrunk) digits[count++] = number[i];
        }

        var all = digits[..count];
        if (!isInternational && all.StartsWith("00"u8) && FindCallingCode(all[2..]) > 0)
        {
            isInternational = true;
            all = all[2..];
        }

        if (isInternational)
        {
            var code = FindCallingCode(all);
            var rest = all[code..];
            foreach (var plan in PhoneRegions.Plans)
            {
                if (!all[..code].SequenceEqual(plan.CallingCode) || plan.IsNumber(rest, out _)) continue;
                if (plan.Trunk.Length > 0 && rest.StartsWith(plan.Trunk) && plan.IsNumber(rest[plan.Trunk.Length..], out _)) return Write(plan.CallingCode, rest[plan.Trunk.Length..], target);
            }

            return Write(all[..code], rest, target);
        }

        // As it is written first; digits without what stands before them last.
        foreach (var maySkipTrunk in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (var plan in rules.Plans)
            {
                if (FindNational(plan, all, maySkipTrunk, out _, out _) is >= 0 and var trunk) return Write(plan.CallingCode, all[trunk..], target);
            }
        }

        return Write(default, all, target);
    }

    /// <summary>Finds where a number of a plan begins among digits: after what stands before it within the region.</summary>
    /// <returns>The number of digits before it; -1 where the digits are no number.</returns>
    public static int FindNational(PhonePlan plan, ReadOnlySpan<byte> digits, bool maySkipTrunk, out bool hasTrunk, out bool isMobile)
    {
        hasTrunk = plan.Trunk.Length > 0 && digits.StartsWith(plan.Trunk) && plan.IsNumber(digits[plan.Trunk.Length..], out _);
        if (hasTrunk)
        {
            plan.IsNumber(digits[plan.Trunk.Length..], out isMobile);
            return plan.Trunk.Length;
        }

        isMobile = false;
        return (plan.IsTrunkOptional || maySkipTrunk) && plan.IsNumber(digits, out isMobile) ? 0 : -1;
    }

    /// <summary>Finds the calling code that digits begin with. Source: ITU-T E.164, list of assigned country codes.</summary>
    /// <returns>The number of its digits; 0 where there is none.</returns>
    public static int FindCallingCode(ReadOnlySpan<byte> digits)
    {
        if (digits.Length < 4) return 0;
        if (digits[0] is (byte)'1' or (byte)'7') return 1;
        var two = ((digits[0] - '0') * 10) + digits[1] - '0';
        return two switch
        {
            20 or 27 or (>= 30 and <= 34) or 36 or 39 or 40 or 41 or (>= 43 and <= 49) or (>= 51 and <= 58) or (>= 60 and <= 66) or 81 or 82 or 84 or 86 or (>= 90 and <= 95) or 98 => 2,
            (>= 21 and <= 26) or 29 or 35 or 37 or 38 or 42 or 50 or 59 or 67 or 68 or 69 or 80 or 85 or 87 or 88 or 96 or 97 or 99 => 3,
            _ => 0,
        };
    }

    private static int Write(ReadOnlySpan<byte> callingCode, ReadOnlySpan<byte> rest, Span<byte> target)
    {
        if (callingCode.IsEmpty)
        {
            rest.CopyTo(target);
            return rest.Length;
        }

        target[0] = (byte)'+';
        callingCode.CopyTo(target[1..]);
        rest.CopyTo(target[(1 + callingCode.Length)..]);
        return 1 + callingCode.Length + rest.Length;
    }

    private static bool TryInternational(ReadOnlySpan<byte> text, ref readonly DigitGroups groups, int start, int limit, int maxGroups, int skip, PhonePlan[]? bare, out PiiHit hit)
    {
        hit = default;
        Span<byte> digits = stackalloc byte[DigitGroups.MaxDigits];
        for (var count = Math.Min(maxGroups, groups.Count); count > 0; count--)
        {
            var end = groups.EndOf(count - 1);
            if (PiiText.ContinuesAt(text, end, limit) || IsTime(text, in groups, count, end, limit) || (skip > 0 && !MayEnd(text, end, limit))) continue;
            var length = CopyWithoutTrunk(in groups, count, digits) - skip;
            if (length is < ShortestInternational or > LongestInternational) continue;
            var number = digits.Slice(skip, length);
            var code = FindCallingCode(number);
            if (code == 0) continue;
            var (isKnown, fits, isBareKnown) = (false, false, bare is null or []);
            foreach (var plan in PhoneRegions.Plans)
            {
                if (!number[..code].SequenceEqual(plan.CallingCode)) continue;
                isKnown = true;
                fits |= FindNational(plan, number[code..], true, out _, out _) >= 0;
                isBareKnown |= bare?.Contains(plan) ?? false;
            }

            // Zeros before digits in one piece are more often padding than a call abroad.
            if (skip > 0 && (!isKnown || (count == 1 && !isBareKnown))) continue;
            if (isKnown ? !fits : length - code < 6) continue;
            hit = new PiiHit(PiiKind.Phone, start, end, skip > 0 ? 0.85 : 0.95);
            return true;
        }

        return false;
    }

    private static int CopyWithoutTrunk(ref readonly DigitGroups groups, int count, Span<byte> target)
    {
        var (from, to) = (0, 0);
        for (var group = 0; group < count; group++)
        {
            var length = groups.LengthOf(group);
            if (!groups.IsTrunkInBrackets(group, count))
            {
                groups.AllDigits.Slice(from, length).CopyTo(target[to..]);
                to += length;
            }

            from += length;
        }

        return to;
    }

    private static bool TryNational(ReadOnlySpan<byte> text, ref readonly DigitGroups groups, int start, int limit, int maxGroups, PhonePlan plan, bool isCued, bool isMidRow, out PiiHit hit)
    {
        hit = default;
        for (var count = Math.Min(maxGroups, groups.Count); count > 0; count--)
        {
            var end = groups.EndOf(count - 1);
            if (!(MayEnd(text, end, limit) || IsBeforeNumber(text, in groups, count, limit)) || IsTime(text, in groups, count, end, limit) || IsBeforeGroups(text, in groups, count, limit)) continue;
            var digits = groups.AllDigits[..groups.DigitsThrough(count)];
            if (FindNational(plan, digits, isCued, out var hasTrunk, out var isMobile) < 0) continue;
            var isFlexible = digits[0] == '0';
            var isWritten = count == 1
                ? isCued || (hasTrunk && isMobile && isFlexible)
                : isCued || isFlexible ? IsGrouped(in groups, count, isFlexible) : !IsInRow(text, in groups, count, limit, isMidRow) && HasShape(in groups, count, plan, hasTrunk);
            if (!isWritten) continue;
            hit = new PiiHit(PiiKind.Phone, start, end, isCued ? 0.9 : count == 1 ? 0.6 : 0.8);
            return true;
        }

        return false;
    }

    private static bool IsGrouped(ref readonly DigitGroups groups, int count, bool isFlexible)
    {
        if (isFlexible && groups.LengthOf(0) < 2) return false;
        // Social security numbers of the United States.
        if (count == 3 && (groups.LengthOf(0), groups.LengthOf(1), groups.LengthOf(2)) == (3, 2, 4) && groups.SeparatorOf(1) == '-' && groups.SeparatorOf(2) == '-') return false;
        var dots = 0;
        for (var group = 1; group < count; group++)
        {
            if (groups.LengthOf(group) < 2 && group < count - 1) return false;
            if (groups.SeparatorOf(group) == '.') dots++;
        }

        // One dot is a fraction; dots do not go with other signs.
        return dots == 0 || (dots == count - 1 && dots > 1);
    }

    private static bool HasShape(ref readonly DigitGroups groups, int count, PhonePlan plan, bool hasTrunk)
    {
        if (count == 2 && IsYear(in groups, 0) && IsYear(in groups, 1)) return false;
        // The trunk prefix is a group of its own, or a part of the first.
        var isOwn = hasTrunk && groups.LengthOf(0) == plan.Trunk.Length;
        var separator = groups.SeparatorOf(isOwn ? Math.Min(2, count - 1) : 1);
        foreach (var shape in plan.Shapes)
        {
            var first = isOwn ? 1 : 0;
            if (count - first != shape.Length) continue;
            var fits = true;
            for (var i = 0; i < shape.Length; i++)
            {
                var expected = shape[i] + (i == 0 && hasTrunk && !isOwn ? plan.Trunk.Length : 0);
                fits &= groups.LengthOf(first + i) == expected;
                // After a bracket anything may follow; else one sign throughout, but a space before dashes.
                if (i > 1) fits &= groups.SeparatorOf(first + i) == separator || separator is (byte)'(' or (byte)' ';
            }

            if (fits && !(separator == '.' && shape.Length < 3)) return true;
        }

        return false;
    }

    /// <summary>Tells whether the first group goes on a row of groups of the same length with spaces between, as accounts and cards are written.</summary>
    private static bool IsMidGroups(ReadOnlySpan<byte> text, int low, int start, ref readonly DigitGroups groups)
    {
        if (PiiText.Before(text, low, start) != ' ' || start != groups.Start) return false;
        var (end, length) = (start - 1, groups.LengthOf(0));
        var group = end;
        while (group > low && end - group <= length && PiiText.IsDigit(text[group - 1])) group--;
        // A date may stand before a number, its year as long as an area code.
        return length >= LongGroup && end - group == length && PiiText.Before(text, low, group) is not ((byte)'.' or (byte)'-' or (byte)'/');
    }

    /// <summary>Tells whether a dash or slash that the number itself does not use leads to another number: <c>0170 1234567-0171 1234567</c>.</summary>
    private static bool IsBeforeNumber(ReadOnlySpan<byte> text, ref readonly DigitGroups groups, int count, int limit)
    {
        var end = groups.EndOf(count - 1);
        var next = PiiText.At(text, end, limit);
        if (next is not ((byte)'-' or (byte)'/') || PiiText.At(text, end + 1, limit) != '0' || PiiText.CountDigits(text, end + 1, Math.Min(limit, end + 4)) < 3) return false;
        for (var group = 1; group < count; group++)
        {
            if (groups.SeparatorOf(group) == next) return false;
        }

        return count > 1;
    }

    /// <summary>Tells whether such a row goes on after the last of some groups.</summary>
    private static bool IsBeforeGroups(ReadOnlySpan<byte> text, ref readonly DigitGroups groups, int count, int limit)
    {
        var (end, length) = (groups.EndOf(count - 1), groups.LengthOf(count - 1));
        return length >= LongGroup && PiiText.At(text, end, limit) == ' ' && PiiText.IsDigitAt(text[..limit], end + 1) && PiiText.CountDigits(text, end + 1, Math.Min(limit, end + 2 + length)) == length;
    }

    private static bool IsYear(ref readonly DigitGroups groups, int group)
    {
        if (groups.LengthOf(group) != 4) return false;
        var digits = groups.AllDigits.Slice(groups.DigitsThrough(group), 4);
        return digits.StartsWith("19"u8) || digits.StartsWith("20"u8);
    }

    /// <summary>Tells whether the first groups are a day, such as 02.03.2024 or 2024-03-02.</summary>
    private static bool StartsWithDate(ref readonly DigitGroups groups)
    {
        if (groups.Count < 3 || groups.SeparatorOf(1) != groups.SeparatorOf(2) || groups.SeparatorOf(1) == '(') return false;
        var (a, b, c) = (Value(in groups, 0), Value(in groups, 1), Value(in groups, 2));
        return (groups.LengthOf(0), groups.LengthOf(1), groups.LengthOf(2)) switch
        {
            ( <= 2, <= 2, 4) => c is >= 1900 and < 2100 && ((IsDay(a) && IsMonth(b)) || (IsMonth(a) && IsDay(b))),
            (4, 2, 2) => a is >= 1900 and < 2100 && IsMonth(b) && IsDay(c),
            _ => false,
        };

        static bool IsDay(int value) => value is >= 1 and <= 31;
        static bool IsMonth(int value) => value is >= 1 and <= 12;
    }

    private static int Value(ref readonly DigitGroups groups, int group)
    {
        var value = 0;
        foreach (var digit in groups.AllDigits.Slice(groups.DigitsThrough(group), Math.Min(groups.LengthOf(group), 8))) value = (value * 10) + digit - '0';
        return value;
    }

    /// <summary>Tells whether a number stands in a row of numbers with nothing but spaces.</summary>
    private static bool IsInRow(ReadOnlySpan<byte> text, ref readonly DigitGroups groups, int count, int limit, bool isMidRow)
    {
        for (var group = 1; group < count; group++)
        {
            if (groups.SeparatorOf(group) != ' ') return false;
        }

        var end = groups.EndOf(count - 1);
        return isMidRow || (PiiText.At(text, end, limit) == ' ' && PiiText.IsDigitAt(text[..limit], end + 1));
    }

    /// <summary>Tells whether the last group is the hour of a time that follows the number: <c>030 1234567 17:00</c>.</summary>
    private static bool IsTime(ReadOnlySpan<byte> text, ref readonly DigitGroups groups, int count, int end, int limit)
        => groups.LengthOf(count - 1) <= 2 && PiiText.At(text, end, limit) == ':' && PiiText.IsDigitAt(text[..limit], end + 1);

    private static bool MayBegin(ReadOnlySpan<byte> text, int low, int start, ref readonly DigitGroups groups)
    {
        if (PiiText.ContinuesBefore(text, low, start)) return false;
        var second = start - 2 >= low ? text[start - 2] : (byte)0;
        return PiiText.Before(text, low, start) switch
        {
            (byte)'_' or (byte)'$' or (byte)'+' => false,
            (byte)'-' => !PiiText.IsWord(second),
            (byte)'.' or (byte)'/' or (byte)':' => !PiiText.IsDigit(second),
            // Thousands: 1,234 567.
            (byte)',' => !(PiiText.IsDigit(second) && groups.LengthOf(0) == 3),
            // The signs of pound and euro.
            0xA3 => second != 0xC2,
            0xAC => second != 0x82,
            _ => true,
        };
    }

    private static bool MayEnd(ReadOnlySpan<byte> text, int end, int limit) => PiiText.At(text, end, limit) switch
    {
        (byte)'_' or (byte)'%' => false,
        (byte)'-' or (byte)'.' or (byte)'/' => !PiiText.IsDigitAt(text[..limit], end + 1),
        var next => !PiiText.IsWord(next),
    };
}
