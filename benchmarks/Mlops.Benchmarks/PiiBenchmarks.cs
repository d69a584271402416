using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Benchmarks;

/// <summary>What does it cost to look for personal data in 16 MB of text: prose without digits, with numbers that are none, and with an e-mail address, card or telephone number in each row? What does masking add?</summary>
[MemoryDiagnoser]
public class PiiBenchmarks
{
    private const int Bytes = 16_000_000;
    private static readonly PiiDetector s_detector = new(new PiiOptions { Locales = ["DE", "US"] });
    private IDataset _dataset = null!;

    [Params("prose", "numbers", "personal")]
    public string Text { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var words = "the customer asked for a new contract because her old one ends soon and nobody had told der Kunde wünscht eine Änderung".Split(' ');
        var (bytes, offsets) = (new MemoryStream(), new List<int> { 0 });
        while (bytes.Length < Bytes)
        {
            var row = new StringBuilder();
            for (var i = 0; i < 20; i++) row.Append(words[random.Next(words.Length)]).Append(' ');
            if (Text == "numbers") row.Append(CultureInfo.InvariantCulture, $"on {2000 + random.Next(30)}-05-{10 + random.Next(20)} at 12:30, order {random.Next(10_000_000)}, {random.Next(1000)}.99 EUR");
            if (Text == "personal") row.Append(random.Next(3) switch { 0 => $"anna{random.Next(1000)}@example.com", 1 => "4111 1111 1111 1111", _ => $"+49 170 {1_000_000 + random.Next(9_000_000)}" });
            bytes.Write(Encoding.UTF8.GetBytes(row.ToString()));
            offsets.Add((int)bytes.Length);
        }

        _dataset = InMemoryDataset.FromColumns("texts", (new ColumnSchema("text", ElementType.String), new TextColumn(bytes.ToArray(), offsets.ToArray())));
    }

    [Benchmark(Baseline = true)]
    public Task<PiiReport> Detect() => s_detector.DetectAsync(_dataset);

    [Benchmark]
    public Task<long> Redact() => _dataset.MaskPii(s_detector, new PiiRedaction()).ScanAsync([_ => { }]);

    [Benchmark]
    public Task<long> Hash() => _dataset.MaskPii(s_detector, new PiiKeyedHash(new byte[32])).ScanAsync([_ => { }]);
}
