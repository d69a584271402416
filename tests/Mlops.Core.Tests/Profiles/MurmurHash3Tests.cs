using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

public sealed class MurmurHash3Tests
{
    [Fact]
    public void Hash_Texts_AreThoseOfTheReference()
    {
        foreach (var item in SketchGolden.Cases("murmur"))
        {
            var (first, second) = MurmurHash3.Hash(Encoding.UTF8.GetBytes(item.GetProperty("text").GetString()!));
            Assert.Equal(ulong.Parse(item.GetProperty("h1").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture), first);
            Assert.Equal(ulong.Parse(item.GetProperty("h2").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture), second);
        }
    }

    [Fact]
    public void Hash_OneNumber_IsTheHashOfItsBytes()
    {
        var bytes = new byte[8];
        foreach (var value in Numbers(1000))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            Assert.Equal(MurmurHash3.Hash(bytes), MurmurHash3.Hash(value));
            Assert.Equal(MurmurHash3.Hash(bytes, 0), MurmurHash3.Hash(value, 0));
        }
    }

    [Fact]
    public void HashFirst_AnyPathAndLength_Agree()
    {
        for (var length = 0; length < 40; length++)
        {
            var values = Numbers(length);
            var expected = values.Select(value => MurmurHash3.Hash(value).First).ToArray();
            foreach (var path in new Path[] { MurmurHash3.HashFirst, MurmurHash3.HashFirstScalar, MurmurHash3.HashFirst256, MurmurHash3.HashFirst512 })
            {
                var actual = new ulong[length];
                path(values, actual);
                Assert.Equal(expected, actual);
            }
        }
    }

    [Fact]
    public void Hash_EightAtOnce_GivesBothHalves()
    {
        var values = Numbers(8);
        MurmurHash3.Hash(Vector512.Create(values), out var first, out var second);
        MurmurHash3.Hash(Vector256.Create(values.AsSpan(4)), out var firstOfFour, out var secondOfFour);
        for (var i = 0; i < 8; i++) Assert.Equal(MurmurHash3.Hash(values[i]), (first[i], second[i]));
        for (var i = 0; i < 4; i++) Assert.Equal(MurmurHash3.Hash(values[i + 4]), (firstOfFour[i], secondOfFour[i]));
    }

    private delegate void Path(ReadOnlySpan<ulong> values, Span<ulong> first);

    private static ulong[] Numbers(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue))];
    }
}
