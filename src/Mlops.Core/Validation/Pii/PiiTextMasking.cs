using System.Buffers;

namespace Mlops.Validation;

/// <summary>Masks texts, one after another, and keeps the tokens that were made. Not safe for concurrent use.</summary>
/// <remarks>
/// <para>A mask may free its neighbours: digits that were part of something longer stand alone beside it and may look like a number of their own. So a text is scanned again until
/// nothing is found. Each round takes away digits, at signs or colons and adds none, so it ends; a text that needs more than <see cref="MostRounds"/> rounds is masked as a
/// whole, so that the time stays linear whatever the text is.</para>
/// </remarks>
/// <param name="rules">What to look for.</param>
/// <param name="mask">What takes its place.</param>
/// <param name="mostRounds">After how many rounds a text is masked as a whole.</param>
internal sealed class PiiTextMasking(PiiRules rules, PiiMask mask, int mostRounds = PiiTextMasking.MostRounds)
{
    public const int MostRounds = 8;
    private const int MostRemembered = 100_000;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _tokens = new(StringComparer.Ordinal);
    private readonly HashSet<string> _saved = new(StringComparer.Ordinal);
    private ArrayBufferWriter<byte> _masked = new();
    private ArrayBufferWriter<byte> _previous = new();

    /// <summary>Gets the last text that was masked.</summary>
    public ReadOnlySpan<byte> Masked => _masked.WrittenSpan;

    /// <summary>Masks a text.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="isPhoneColumn">Whether it is of a column whose name says that it holds telephone numbers.</param>
    /// <returns>Whether something was found: <see cref="Masked"/> holds the text then.</returns>
    public bool TryMask(ReadOnlySpan<byte> utf8, bool isPhoneColumn)
    {
        if (utf8.IndexOfAny(rules.Anchors) < 0 || !TryRound(utf8, isPhoneColumn)) return false;
        MaskAgain(isPhoneColumn);
        return true;
    }

    /// <summary>Masks a number.</summary>
    /// <param name="number">The number.</param>
    /// <param name="isPhoneColumn">Whether its column is named for telephones.</param>
    /// <returns>Whether it is personal data: <see cref="Masked"/> holds the mask then.</returns>
    public bool TryMask(ulong number, bool isPhoneColumn)
    {
        Span<byte> digits = stackalloc byte[32];
        if (PiiNumber.Judge(number, rules, isPhoneColumn, digits, out var length, out _) is not { } kind) return false;
        _masked.ResetWrittenCount();
        mask.Write(kind, digits[..length], _masked, _tokens);
        return true;
    }

    /// <summary>Keeps the tokens that were made since the last time.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        if (_tokens.Count == 0) return;
        foreach (var token in _tokens.Keys.Where(_saved.Contains).ToArray()) _tokens.Remove(token);
        if (_tokens.Count > 0) await mask.SaveAsync(_tokens, cancellationToken).ConfigureAwait(false);
        if (_saved.Count > MostRemembered) _saved.Clear();
        _saved.UnionWith(_tokens.Keys);
        _tokens.Clear();
    }

    private void MaskAgain(bool isPhoneColumn)
    {
        for (var round = 1; ; round++)
        {
            (_previous, _masked) = (_masked, _previous);
            if (!TryRound(_previous.WrittenSpan, isPhoneColumn))
            {
                (_previous, _masked) = (_masked, _previous);
                return;
            }

            if (round < mostRounds) continue;
            (_previous, _masked) = (_masked, _previous);
            _masked.ResetWrittenCount();
            mask.Write(null, _previous.WrittenSpan, _masked, _tokens);
            return;
        }
    }

    private bool TryRound(ReadOnlySpan<byte> utf8, bool isPhoneColumn)
    {
        _masked.ResetWrittenCount();
        var scanner = new PiiScanner(utf8, rules, isPhoneColumn);
        var place = 0;
        while (scanner.TryNext(out var hit))
        {
            _masked.Write(utf8[place..hit.Start]);
            Write(hit.Kind, utf8.Slice(hit.Start, hit.Length));
            place = hit.End;
        }

        if (place == 0) return false;
        _masked.Write(utf8[place..]);
        return true;
    }

    private void Write(PiiKind kind, ReadOnlySpan<byte> value)
    {
        // No value is longer than an e-mail address.
        Span<byte> normal = stackalloc byte[1024];
        mask.Write(kind, normal[..PiiNormalForm.Write(kind, value, rules, normal)], _masked, _tokens);
    }
}
