using System.Buffers;
using System.Text;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Finds personal data: e-mail addresses, telephone numbers, bank accounts, payment cards and addresses of the Internet Protocol. Immutable, safe for concurrent use.</summary>
/// <remarks>
/// <para>E-mail addresses follow RFC 5321 and RFC 6531 as people write them. Telephone numbers are international ones, and national ones of the locales in the ways they are
/// written there. Bank accounts (ISO 13616) and cards (ISO/IEC 7812-1) must have right check digits, and a country's structure or an issuer's prefix and length. What is
/// part of a longer word, number, version or identifier is left alone.</para>
/// <para>Where kinds overlap, an e-mail address counts before all, then addresses of the Internet Protocol, account numbers, cards and telephone numbers.</para>
/// <para>Texts are scanned once, in linear time and constant memory; no regular expressions are used. Text without at signs, digits and colons costs next to nothing.</para>
/// <para>Names, postal addresses and other free text are not found, nor are values that are encoded (<c>%40</c> for the at sign).</para>
/// </remarks>
/// <example><code>
/// var detector = new PiiDetector(new PiiOptions { Locales = ["DE", "US"] });
/// var report = await detector.DetectAsync(customers);
/// var masked = customers.MaskPii(detector, new PiiKeyedHash(key));
/// </code></example>
public sealed class PiiDetector
{
    /// <summary>Creates a detector.</summary>
    /// <param name="options">What to look for; the defaults of <see cref="PiiOptions"/> when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">A locale is not known (the message names the known ones and the nearest), or there is no kind to look for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A ratio is not from 0 to 1.</exception>
    public PiiDetector(PiiOptions? options = null) => Rules = new PiiRules(options ?? new PiiOptions());

    internal PiiRules Rules { get; }

    /// <summary>Looks for personal data in a dataset, in one pass.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>What was found, without any value of the data.</returns>
    /// <exception cref="DataFormatException">The data cannot be read.</exception>
    public async Task<PiiReport> DetectAsync(IDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var detection = Begin(dataset.Name, dataset.Schema);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) detection.Add(batch);
        return detection.Finish();
    }

    /// <summary>Begins to look at rows that somebody else reads, so that one pass can serve a validation and a profile too.</summary>
    /// <param name="name">The name of the dataset, for the report.</param>
    /// <param name="schema">The columns of the rows.</param>
    /// <returns>What the rows are added to.</returns>
    public PiiDetection Begin(string name, DataSchema schema)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(schema);
        return new PiiDetection(name, schema, Rules);
    }

    /// <summary>Looks for personal data in a text.</summary>
    /// <param name="utf8">The text in UTF-8.</param>
    /// <returns>The places in bytes, in order, without overlaps.</returns>
    public IReadOnlyList<PiiMatch> Find(ReadOnlySpan<byte> utf8)
    {
        var matches = new List<PiiMatch>();
        var scanner = new PiiScanner(utf8, Rules, isPhoneColumn: false);
        while (scanner.TryNext(out var hit)) matches.Add(new PiiMatch(hit.Kind, hit.Start, hit.Length, hit.Confidence));
        return matches;
    }

    /// <summary>Looks for personal data in a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The places in characters, in order, without overlaps.</returns>
    public IReadOnlyList<PiiMatch> Find(ReadOnlySpan<char> text)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(text));
        try
        {
            var utf8 = rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented));
            var matches = (List<PiiMatch>)Find(utf8);
            if (utf8.Length == text.Length) return matches;
            var (place, characters) = (0, 0);
            for (var i = 0; i < matches.Count; i++)
            {
                var match = matches[i];
                characters += Encoding.UTF8.GetCharCount(utf8[place..match.Start]);
                var length = Encoding.UTF8.GetCharCount(utf8.Slice(match.Start, match.Length));
                matches[i] = match with { Start = characters, Length = length };
                (place, characters) = (match.End, characters + length);
            }

            return matches;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <summary>Masks personal data in a text until nothing more is found in it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mask">What takes the place of the values.</param>
    /// <param name="cancellationToken">Cancels the keeping of tokens.</param>
    /// <returns>The masked text; the same where nothing was found.</returns>
    public async ValueTask<string> MaskAsync(string text, PiiMask mask, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(mask);
        var masking = new PiiTextMasking(Rules, mask);
        if (!masking.TryMask(Encoding.UTF8.GetBytes(text), isPhoneColumn: false)) return text;
        await masking.SaveAsync(cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(masking.Masked);
    }
}
