using System.Buffers;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

public sealed class MomentsSketchTests
{
    private static readonly JsonElement s_cases
        = JsonDocument.Parse(File.ReadAllBytes(TestFiles.PathOf("tests", "TestData", "profiles", "moments_golden.json"))).RootElement.GetProperty("cases");

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_cases.GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Add_Golden_EqualsNumPyAndRationalNumbers(int index)
    {
        var values = Make(s_cases[index]);
        var sketch = Sketch(values);
        JsonElement numpy = s_cases[index].GetProperty("numpy"), exact = s_cases[index].GetProperty("exact");

        Assert.Equal((values.LongLength, values.LongLength, 0), (sketch.Count, sketch.FiniteCount, sketch.NaNCount));
        Assert.Equal((numpy.GetProperty("zeros").GetInt64(), numpy.GetProperty("negatives").GetInt64()), (sketch.ZeroCount, sketch.NegativeCount));
        Assert.Equal((numpy.GetProperty("minimum").GetDouble(), numpy.GetProperty("maximum").GetDouble()), (sketch.Minimum, sketch.Maximum));
        AssertClose(exact, "sum", sketch.Sum, 1e-13);
        AssertClose(exact, "mean", sketch.Mean, 1e-13);
        AssertClose(exact, "variance", sketch.Variance, 1e-11);
        AssertClose(exact, "skewness", sketch.Skewness, 1e-10);
        AssertClose(exact, "kurtosis", sketch.ExcessKurtosis, 1e-10);

        // NumPy rounds the mean to one double, which values with a large offset do not bear: there it is the rational numbers that hold.
        AssertClose(numpy, "sum", sketch.Sum, 1e-9);
        AssertClose(numpy, "mean", sketch.Mean, 1e-9);
        var isOffset = Math.Abs(sketch.Mean) > 1e6 * sketch.StandardDeviation;
        if (!isOffset || sketch.StandardDeviation > 0.1) AssertClose(numpy, "variance", sketch.Variance, 1e-9);
        if (isOffset) return;
        AssertClose(numpy, "skewness", sketch.Skewness, 1e-9);
        AssertClose(numpy, "kurtosis", sketch.ExcessKurtosis, 1e-9);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Add_CutAnyhowAndStoredInBetween_GivesTheSameBytes(int index)
    {
        var values = Make(s_cases[index]);
        for (var i = 0; i < values.Length; i += 13) values[i] = (i % 4) switch { 0 => double.NaN, 1 => -0.0, 2 => double.NegativeInfinity, _ => values[i] };
        var random = new Random(index);
        var cut = new MomentsSketch();
        for (var next = 0; next < values.Length;)
        {
            var length = Math.Min(random.Next(3) == 0 ? 1 : random.Next(1, 5000), values.Length - next);
            if (length == 1) cut.Add(values[next]);
            else cut.Add(values.AsSpan(next, length));
            next += length;
            if (random.Next(4) == 0) cut = MomentsSketch.ReadFrom(Bytes(cut));
        }

        Assert.Equal(Bytes(Sketch(values)), Bytes(cut));
    }

    [Fact]
    public void Add_ValuesThatAreNotFinite_AreCountedAndLeaveTheMomentsAlone()
    {
        double[] finite = [.. Enumerable.Range(-500, 1001).Select(i => i * 0.25)];
        var clean = Sketch(finite);
        List<double> mixed = [double.NaN, double.PositiveInfinity, .. finite];
        for (var i = 0; i < 300; i++) mixed.Insert(i * 4, i % 3 == 0 ? double.NaN : i % 3 == 1 ? double.PositiveInfinity : double.NegativeInfinity);
        var sketch = Sketch([.. mixed]);

        Assert.Equal((101, 101, 100), (sketch.NaNCount, sketch.PositiveInfinityCount, sketch.NegativeInfinityCount));
        Assert.Equal((1001, 1202, 1, 600), (sketch.FiniteCount, sketch.Count, sketch.ZeroCount, sketch.NegativeCount));
        Assert.Equal((double.NegativeInfinity, double.PositiveInfinity), (sketch.Minimum, sketch.Maximum));
        Assert.Equal((clean.Sum, clean.Mean), (sketch.Sum, sketch.Mean));
        Assert.Equal(clean.Variance, sketch.Variance, 1e-9);
        Assert.Equal(0, sketch.Skewness, 1e-12);
        Assert.Equal(clean.ExcessKurtosis, sketch.ExcessKurtosis, 1e-12);
    }

    [Fact]
    public void Properties_NoFiniteValue_AreNaN()
    {
        Assert.Equal([double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0], Figures(new MomentsSketch()));
        var infinite = Sketch([double.PositiveInfinity, double.NaN]);
        Assert.Equal([double.NaN, double.NaN, double.NaN, double.NaN, double.PositiveInfinity, double.PositiveInfinity, 0], Figures(infinite));
        Assert.Equal((1, 0), (infinite.Count, infinite.FiniteCount));

        static double[] Figures(MomentsSketch s) => [s.Mean, s.Variance, s.Skewness, s.ExcessKurtosis, s.Minimum, s.Maximum, s.Sum];
    }

    [Fact]
    public void Skewness_OneValueRepeated_IsNaNAsInSciPy()
    {
        var sketch = Sketch([.. Enumerable.Repeat(0.1, 10_000)]);
        Assert.Equal((0.1, 0.0, double.NaN, double.NaN), (sketch.Mean, sketch.Variance, sketch.Skewness, sketch.ExcessKurtosis));
        Assert.Equal((0.1, 0.1), (sketch.Minimum, sketch.Maximum));
    }

    [Fact]
    public void Add_DeviationsThatOverflow_KeepMeanAndExtremes()
    {
        var sketch = Sketch([1e308, -1e308, 1e308, -1e308]);
        Assert.Equal((0.0, double.PositiveInfinity, -1e308, 1e308), (sketch.Mean, sketch.Variance, sketch.Minimum, sketch.Maximum));
    }

    [Fact]
    public void Sum_OfIntegers_IsExact()
        => Assert.Equal(50_000.0 * 100_001, Sketch([.. Enumerable.Range(1, 100_000).Select(i => (double)i)]).Sum);

    [Fact]
    public void Merge_AnySplit_EqualsTheWhole()
        => Prop.ForAll<NonEmptyArray<NormalFloat>, int, PositiveInt>((numbers, seed, repeat) =>
        {
            var random = new Random(seed);
            // Numbers of one magnitude, so that no moment overflows; repeated to pass the length of a block.
            double[] values = [.. Enumerable.Range(0, 1 + (repeat.Get % 80)).SelectMany(_ => numbers.Get.Select(number => (number.Get % 1000) + random.NextDouble()))];
            MomentsSketch whole = Sketch(values), merged = new(), backwards = new();
            List<MomentsSketch> parts = [];
            for (var next = 0; next < values.Length;)
            {
                var length = Math.Min(random.Next(1, 200), values.Length - next);
                parts.Add(Sketch(values.AsSpan(next, length)));
                next += length;
            }

            foreach (var part in parts) merged.Merge(part);
            for (var i = parts.Count - 1; i >= 0; i--) backwards.Merge(parts[i]);
            return Agree(whole, merged) && Agree(whole, backwards);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(3, 11));

    [Fact]
    public void Merge_Itself_DoublesTheCounts()
    {
        var sketch = Sketch([1, 2, 4, double.NaN, double.PositiveInfinity]);
        var (mean, variance) = (sketch.Mean, sketch.Variance);
        sketch.Merge(sketch);
        Assert.Equal((6, 8, 2, 2, 14.0), (sketch.FiniteCount, sketch.Count, sketch.NaNCount, sketch.PositiveInfinityCount, sketch.Sum));
        Assert.Equal(mean, sketch.Mean, 1e-15);
        Assert.Equal(variance, sketch.Variance, 1e-15);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(4096)]
    [InlineData(10_000)]
    public void ReadFrom_Written_IsTheSame(int count)
    {
        double[] values = [.. Enumerable.Range(0, count).Select(i => i % 50 == 3 ? double.NaN : Math.Sin(i) * 1e5)];
        var sketch = Sketch(values);
        var bytes = Bytes(sketch);
        var restored = MomentsSketch.ReadFrom(bytes);
        Assert.Equal(bytes, Bytes(restored));
        Assert.Equal((sketch.Count, sketch.Sum, sketch.Mean, sketch.Variance, sketch.Skewness), (restored.Count, restored.Sum, restored.Mean, restored.Variance, restored.Skewness));
    }

    [Fact]
    public void ReadFrom_FirstForm_IsRefusedBySayingSo()
        => Assert.Contains("first form", Assert.Throws<FormatException>(() => MomentsSketch.ReadFrom(new byte[40])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(8192)]
    public void ReadFrom_Damaged_IsRefusedOrAWorkingSketch(int count)
    {
        var bytes = Bytes(Sketch([.. Enumerable.Range(0, count).Select(i => (double)i)]));
        for (var length = 0; length < bytes.Length; length++)
        {
            var part = bytes[..length];
            Assert.Throws<FormatException>(() => MomentsSketch.ReadFrom(part));
        }

        Assert.Throws<FormatException>(() => MomentsSketch.ReadFrom([.. bytes, 0]));
        var refused = 0;
        for (var position = 0; position < bytes.Length; position++)
        {
            for (var bit = 0; bit < 9; bit++)
            {
                var damaged = (byte[])bytes.Clone();
                damaged[position] = bit == 8 ? (byte)~damaged[position] : (byte)(damaged[position] ^ (1 << bit));
                try
                {
                    var read = MomentsSketch.ReadFrom(damaged);
                    Assert.Equal(damaged, Bytes(read));
                    read.Add([.. Enumerable.Range(0, 9000).Select(i => (double)i)]);
                    read.Merge(read);
                }
                catch (FormatException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > 9 * 6, $"{refused} refused");
    }

    private static bool Agree(MomentsSketch a, MomentsSketch b)
    {
        var scale = Math.Max(a.StandardDeviation, 1e-3);
        return a.Count == b.Count && a.ZeroCount == b.ZeroCount && a.NegativeCount == b.NegativeCount && (a.Minimum, a.Maximum) == (b.Minimum, b.Maximum)
            && IsClose(a.Sum, b.Sum, 1e-12 * a.Count * 1000) && IsClose(a.Mean, b.Mean, 1e-12 * 1000) && IsClose(a.Variance, b.Variance, 1e-11 * scale * scale)
            && IsClose(a.Skewness, b.Skewness, 1e-10 * Math.Max(1, Math.Abs(a.Skewness))) && IsClose(a.ExcessKurtosis, b.ExcessKurtosis, 1e-10 * Math.Max(1, Math.Abs(a.ExcessKurtosis)));
    }

    private static bool IsClose(double a, double b, double tolerance) => Math.Abs(a - b) <= tolerance || (double.IsNaN(a) && double.IsNaN(b));

    private static void AssertClose(JsonElement expected, string figure, double actual, double relative)
    {
        var element = expected.GetProperty(figure);
        if (element.ValueKind == JsonValueKind.Null)
        {
            Assert.True(double.IsNaN(actual), $"{figure}: {actual:r} instead of NaN");
            return;
        }

        // Skewness and kurtosis near 0 are differences: they are held to the same error as those of about 1.
        var scale = figure is "skewness" or "kurtosis" ? Math.Max(1, Math.Abs(element.GetDouble())) : Math.Abs(element.GetDouble());
        Assert.True(Math.Abs(actual - element.GetDouble()) <= relative * scale, $"{figure}: {actual:r} instead of {element.GetDouble():r}");
    }

    /// <summary>Repeats make_moments.py.</summary>
    private static double[] Make(JsonElement spec)
    {
        var state = spec.GetProperty("seed").GetUInt64();
        var (a, b, n) = (spec.GetProperty("a").GetDouble(), spec.GetProperty("b").GetDouble(), spec.GetProperty("n").GetInt32());
        var dist = spec.GetProperty("dist").GetString();
        var values = new double[n];
        for (var i = 0; i < n; i++)
        {
            state = unchecked((state * 6364136223846793005) + 1442695040888963407);
            var u = (state >> 11) * Math.ScaleB(1, -53);
            values[i] = dist switch
            {
                "uniform" => a + (b * u),
                "cubed" => a + (b * (u * u * u)),
                "pareto" => a + (b * (1 / (1 - u))),
                "int" => a + Math.Floor(u * b),
                "ramp" => a + (b * i) + u,
                "jump" => (i < n / 3 ? a : b) + u,
                "outlier" => i == 0 ? a : b * u,
                _ => throw new InvalidOperationException($"The reference data name the distribution '{dist}', which this test does not know."),
            };
        }

        return values;
    }

    private static MomentsSketch Sketch(ReadOnlySpan<double> values)
    {
        var sketch = new MomentsSketch();
        sketch.Add(values);
        return sketch;
    }

    private static byte[] Bytes(MomentsSketch sketch)
    {
        var writer = new ArrayBufferWriter<byte>();
        sketch.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }
}
