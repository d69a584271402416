using System.Globalization;
using System.Text;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The values of a set constraint, ready to be looked up. Immutable, safe for concurrent use.</summary>
internal sealed class ValueSet
{
    private const ulong Sign = 1UL << 63;
    private readonly Utf8Dictionary _texts = new();
    private readonly HashSet<ulong> _signed = [];
    private readonly HashSet<ulong> _unsigned = [];

    public ValueSet(IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            _texts.GetOrAdd(Encoding.UTF8.GetBytes(value));
            if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed)) _signed.Add((ulong)signed ^ Sign);
            if (ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var unsigned)) _unsigned.Add(unsigned);
        }
    }

    /// <summary>Tells whether a text is in the set.</summary>
    public bool Contains(ReadOnlySpan<byte> utf8) => _texts.Find(utf8) >= 0;

    /// <summary>Gets the whole numbers of the set, as <see cref="OrderedBits"/> reads columns of a type.</summary>
    public HashSet<ulong> GetNumbers(ElementType type) => type is ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64 ? _unsigned : _signed;
}
