using System.Text;

namespace Mlops.Validation;

/// <summary>How telephone numbers of a region are made and written.</summary>
internal sealed class PhonePlan
{
    private readonly (byte[] Pattern, int Shortest, int Longest, bool IsMobile)[] _ranges;

    /// <summary>Creates a plan.</summary>
    /// <param name="region">The ISO 3166 code.</param>
    /// <param name="name">The name of the region.</param>
    /// <param name="callingCode">The digits after the plus sign.</param>
    /// <param name="trunk">What stands before a number within the region; a question mark after it where it may be left out.</param>
    /// <param name="ranges">The numbers without it: first digits (<c>x</c> any, <c>[2-9]</c> some), lengths, and <c>m</c> for mobile: <c>1[5-7]:10-11m 3:9</c>.</param>
    /// <param name="shapes">The lengths of the groups in which numbers without a leading zero are written: <c>3-3-4</c>.</param>
    public PhonePlan(string region, string name, string callingCode, string trunk, string ranges, string shapes = "")
    {
        (Region, Name) = (region, name);
        CallingCode = Encoding.ASCII.GetBytes(callingCode);
        IsTrunkOptional = trunk.Length == 0 || trunk.EndsWith('?');
        Trunk = Encoding.ASCII.GetBytes(trunk.TrimEnd('?'));
        _ranges = [.. ranges.Split(' ').Select(ReadRange)];
        Shapes = [.. shapes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(shape => shape.Split('-').Select(size => (byte)(size[0] - '0')).ToArray())];
    }

    public string Region { get; }

    public string Name { get; }

    public byte[] CallingCode { get; }

    public byte[] Trunk { get; }

    public bool IsTrunkOptional { get; }

    /// <summary>Gets the lengths of groups, one array for each way of writing.</summary>
    public byte[][] Shapes { get; }

    /// <summary>Gets patterns of the first digits as pairs of least and greatest, the lengths, and whether these are mobile numbers; for tests.</summary>
    public IReadOnlyList<(byte[] Pattern, int Shortest, int Longest, bool IsMobile)> Ranges => _ranges;

    /// <summary>Tells whether digits are a number without what stands before it within the region.</summary>
    public bool IsNumber(ReadOnlySpan<byte> digits, out bool isMobile)
    {
        foreach (var (pattern, shortest, longest, mobile) in _ranges)
        {
            if (digits.Length < shortest || digits.Length > longest || !Matches(pattern, digits)) continue;
            isMobile = mobile;
            return true;
        }

        isMobile = false;
        return false;
    }

    private static bool Matches(byte[] pattern, ReadOnlySpan<byte> digits)
    {
        for (var i = 0; i < pattern.Length; i += 2)
        {
            if (digits[i / 2] < pattern[i] || digits[i / 2] > pattern[i + 1]) return false;
        }

        return true;
    }

    private static (byte[] Pattern, int Shortest, int Longest, bool IsMobile) ReadRange(string range)
    {
        var colon = range.IndexOf(':', StringComparison.Ordinal);
        var pattern = new List<byte>();
        for (var i = 0; i < colon; i++)
        {
            var (first, last) = range[i] switch
            {
                'x' => ('0', '9'),
                '[' => (range[i + 1], range[i + 3]),
                var digit => (digit, digit),
            };
            if (range[i] == '[') i += 4;
            pattern.AddRange([(byte)first, (byte)last]);
        }

        var isMobile = range.EndsWith('m');
        int[] lengths = [.. range[(colon + 1)..].TrimEnd('m').Split('-').Select(length => int.Parse(length, System.Globalization.CultureInfo.InvariantCulture))];
        return ([.. pattern], lengths[0], lengths[^1], isMobile);
    }
}
