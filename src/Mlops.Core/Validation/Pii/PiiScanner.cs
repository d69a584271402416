namespace Mlops.Validation;

/// <summary>Finds personal data in one text, from left to right, without overlaps.</summary>
/// <remarks>
/// <para>A vectorised search jumps to the next at sign, digit or colon; only there the scanners look, each at a bounded number of bytes: time is linear in the length of the text
/// and memory constant, whatever the text is.</para>
/// <para>Where kinds overlap, an e-mail address counts before all, then addresses of the Internet Protocol, account numbers, cards and telephone numbers in that order. What
/// was found bounds its neighbours as the end of the text does.</para>
/// </remarks>
internal ref struct PiiScanner
{
    private const int FewestDigits = 7;
    private readonly ReadOnlySpan<byte> _text;
    private readonly PiiRules _rules;
    private readonly bool _isPhoneColumn;
    private PiiHit _email;
    private bool _hasEmail;
    private int _atFrom;
    private int _place;
    private int _low;

    /// <summary>Begins to scan a text.</summary>
    /// <param name="text">The text in UTF-8.</param>
    /// <param name="rules">What to look for.</param>
    /// <param name="isPhoneColumn">Whether the text is of a column whose name says that it holds telephone numbers.</param>
    public PiiScanner(ReadOnlySpan<byte> text, PiiRules rules, bool isPhoneColumn)
    {
        _text = text;
        _rules = rules;
        _isPhoneColumn = isPhoneColumn;
        if (rules.Has(PiiKind.Email)) FindEmail();
    }

    /// <summary>Gets the number of places that would have been cards, but for the check digit.</summary>
    public int CardMisses { get; private set; }

    /// <summary>Gets the number of places that would have been account numbers, but for the check digits.</summary>
    public int IbanMisses { get; private set; }

    /// <summary>Finds the next place.</summary>
    /// <param name="hit">The place.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryNext(out PiiHit hit)
    {
        while (true)
        {
            var limit = _hasEmail ? _email.Start : _text.Length;
            while (_place < limit)
            {
                var jump = _text[_place..limit].IndexOfAny(_rules.Numbers);
                if (jump < 0) break;
                _place += jump;
                if (TryMatch(_place, limit, out hit, out var next))
                {
                    _place = _low = hit.End;
                    return true;
                }

                _place = next;
            }

            if (!_hasEmail)
            {
                hit = default;
                _place = _text.Length;
                return false;
            }

            hit = _email;
            _place = _low = hit.End;
            FindEmail();
            return true;
        }
    }

    private void FindEmail()
    {
        _hasEmail = false;
        var low = _atFrom;
        while (_atFrom < _text.Length)
        {
            var jump = _text[_atFrom..].IndexOf((byte)'@');
            if (jump < 0) break;
            var at = _atFrom + jump;
            _atFrom = at + 1;
            if (!EmailScanner.TryMatch(_text, low, at, out _email)) continue;
            _hasEmail = true;
            _atFrom = _email.End;
            return;
        }

        _atFrom = _text.Length;
    }

    private bool TryMatch(int place, int limit, out PiiHit hit, out int next)
    {
        next = place + 1;
        if (_text[place] == ':')
        {
            if (IpScanner.TryMatchV6(_text, _low, place, limit, out hit)) return true;
            while (next < limit && _text[next] == ':') next++;
            return false;
        }

        var digits = PiiText.CountDigits(_text, place, limit);
        next = place + digits;
        if (_rules.Has(PiiKind.Ip) && TryIp(place, digits, limit, out hit)) return true;
        if (_rules.Has(PiiKind.Iban))
        {
            if (IbanScanner.TryMatch(_text, _low, place, limit, out hit, out var isMiss)) return true;
            if (isMiss) IbanMisses++;
        }

        hit = default;
        if (digits >= DigitGroups.MaxDigits || PiiText.ContinuesBefore(_text, _low, place)) return false;
        if (digits < FewestDigits && !MayGoOn(next, limit)) return false;
        if (!_rules.Has(PiiKind.Card) && !_rules.Has(PiiKind.Phone)) return false;
        DigitGroups.Read(_text, place, limit, out var groups);
        if (groups.DigitCount < FewestDigits) return false;
        return TryCard(in groups, limit, out hit) || TryPhone(in groups, limit, out hit);
    }

    private readonly bool TryIp(int place, int digits, int limit, out PiiHit hit)
    {
        if (digits <= 3 && PiiText.At(_text, place + digits, limit) == '.' && IpScanner.TryMatchV4(_text, _low, place, limit, out hit)) return true;
        hit = default;
        // Of up to four hexadecimal digits before a colon, this one may be any.
        for (var colon = place + 1; colon < limit && colon - place <= 4; colon++)
        {
            if (_text[colon] == ':') return IpScanner.TryMatchV6(_text, _low, place, limit, out hit);
            if (!PiiText.IsHex(_text[colon])) break;
        }

        return false;
    }

    private readonly bool MayGoOn(int place, int limit)
        => PiiText.At(_text, place, limit) is (byte)' ' or (byte)'-' or (byte)'.' or (byte)'/' or (byte)'(' or (byte)')' or 0xC2 or 0xE2;

    private bool TryCard(ref readonly DigitGroups groups, int limit, out PiiHit hit)
    {
        hit = default;
        if (!_rules.Has(PiiKind.Card)) return false;
        if (CardScanner.TryMatch(_text, in groups, _low, limit, out hit, out var isMiss)) return true;
        if (isMiss) CardMisses++;
        return false;
    }

    private readonly bool TryPhone(ref readonly DigitGroups groups, int limit, out PiiHit hit)
    {
        hit = default;
        if (!_rules.Has(PiiKind.Phone)) return false;
        var count = groups.Count;
        while (count > 0 && PhoneScanner.TryMatch(_text, in groups, _low, limit, count, _isPhoneColumn, _rules, out hit))
        {
            if (!_rules.Has(PiiKind.Card) || FindCardWithin(in groups, hit.End, limit) is not (> 0 and var card)) return true;
            // The card counts; what is before it may still be a number of its own.
            count = card;
        }

        return false;
    }

    /// <summary>Finds the first group after the first at which a card begins.</summary>
    private readonly int FindCardWithin(ref readonly DigitGroups groups, int end, int limit)
    {
        for (var group = 1; group < groups.Count && groups.StartOf(group) < end; group++)
        {
            DigitGroups.Read(_text, groups.StartOf(group), limit, out var rest);
            if (CardScanner.TryMatch(_text, in rest, _low, limit, out _, out _)) return group;
        }

        return 0;
    }
}
