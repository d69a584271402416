using System.Buffers;
using System.Text.Json;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

/// <summary>Reads the reference data of tests/TestData/profiles, and writes sketches to bytes.</summary>
internal static class SketchGolden
{
    private static readonly JsonElement s_root
        = JsonDocument.Parse(File.ReadAllBytes(TestFiles.PathOf("tests", "TestData", "profiles", "sketch_golden.json"))).RootElement;

    public static JsonElement Get(string key) => s_root.GetProperty(key);

    public static IEnumerable<JsonElement> Cases(string key) => Get(key).EnumerateArray();

    public static void Equal(double expected, double actual, string what)
        => Assert.True(Math.Abs(actual - expected) <= 1e-9 * Math.Abs(expected), $"{what}: expected {expected:R}, got {actual:R}.");

    public static byte[] Bytes<T>(T sketch)
        where T : ISketch<T>
    {
        var writer = new ArrayBufferWriter<byte>();
        sketch.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads every truncation and many corruptions of bytes: each is read, and then works, or is refused as malformed; nothing else.</summary>
    public static void SurvivesDamage<T>(byte[] bytes, Action<T> use)
        where T : ISketch<T>
    {
        for (var length = 0; length < bytes.Length; length += 1 + (length / 50)) Try(bytes.AsSpan(0, length).ToArray());
        var random = new Random(bytes.Length);
        for (var round = 0; round < 3000; round++)
        {
            var damaged = (byte[])bytes.Clone();
            // The header decides most, so it is hit more often.
            var from = random.Next(2) == 0 ? Math.Min(40, bytes.Length) : bytes.Length;
            for (var hit = random.Next(1, 4); hit > 0; hit--) damaged[random.Next(from)] = (byte)random.Next(256);
            Try(damaged);
        }

        void Try(byte[] damaged)
        {
            T sketch;
            try
            {
                sketch = T.ReadFrom(damaged);
            }
            catch (FormatException)
            {
                return;
            }

            use(sketch);
            Bytes(sketch);
        }
    }
}
