using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Mlops.Data;
using Mlops.State;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Pii;

public sealed class PiiMaskTests
{
    private const string Everything = "Joe@Example.com, +49 170 1234567, de89 3704 0044 0532 0130 00, 4111-1111-1111-1111, 2001:DB8:0::1";
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 7))];
    private static readonly PiiDetector s_detector = new(new PiiOptions { Locales = ["DE", "US", "FR", "DK"] });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MaskAsync_Redaction_NamesTheKinds()
    {
        Assert.Equal("[email], [phone], [iban], [card], [ip]", await s_detector.MaskAsync(Everything, new PiiRedaction(), Token));
        Assert.Equal("nothing 12", await s_detector.MaskAsync("nothing 12", new PiiRedaction(), Token));
    }

    [Theory]
    [InlineData("Joe@EXAMPLE.com", "joe@example.com")]
    [InlineData("+49 (0)170 1234567", "+491701234567")]
    [InlineData("0170/1234567", "+49 170 1234567")]
    [InlineData("0049 170 1234567", "+49-170-1234567")]
    [InlineData("(212) 555-1234", "+1 212 555 1234")]
    [InlineData("01 23 45 67 89", "+33123456789")]
    [InlineData("DE89 3704 0044 0532 0130 00", "de89370400440532013000")]
    [InlineData("4111 1111 1111 1111", "4111-1111-1111-1111")]
    [InlineData("2001:0DB8::0:1", "2001:db8::1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    public async Task MaskAsync_KeyedHash_IsTheSameForAllWaysOfWriting(string one, string other)
    {
        var mask = new PiiKeyedHash(s_key);
        var hash = await s_detector.MaskAsync(one, mask, Token);
        Assert.Matches(@"^\[(email|phone|iban|card|ip)-[g-z]{32}\]$", hash);
        Assert.Equal(hash, await s_detector.MaskAsync(other, mask, Token));
        Assert.NotEqual(hash, await s_detector.MaskAsync(one, new PiiKeyedHash(s_key.AsSpan(1)), Token));
    }

    [Fact]
    public async Task MaskAsync_KeyedHash_IsHmac()
    {
        // 128 bits of HMAC-SHA-256 over purpose, kind, a zero byte and the value, four bits to a letter.
        var hash = System.Security.Cryptography.HMACSHA256.HashData(s_key, "mlops.pii.hash.ip\0192.0.2.1"u8);
        var letters = string.Concat(hash.Take(16).SelectMany(b => new[] { "ghjkmnpqrstvwxyz"[b >> 4], "ghjkmnpqrstvwxyz"[b & 15] }));
        Assert.Equal($"[ip-{letters}]", await s_detector.MaskAsync("192.0.2.1", new PiiKeyedHash(s_key), Token));
    }

    [Fact]
    public void Constructor_ShortKey_ThrowsWithoutTheKey()
    {
        var key = "Xq7-open-sesame"u8.ToArray();
        foreach (var error in (ArgumentException[])[Assert.Throws<ArgumentException>(() => new PiiKeyedHash(key)), Assert.Throws<ArgumentException>(() => new PiiTokenisation(key, new InMemoryPiiTokenStore()))])
        {
            Assert.Contains("15 bytes; it needs at least 16", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("sesame", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(key), error.Message, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain("170", new PiiKeyedHash(s_key).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_Token_GivesTheValueToThoseWithKeyAndStore()
    {
        var state = new InMemoryStateStore();
        var mask = new PiiTokenisation(s_key, new StatePiiTokenStore(state));
        var masked = await s_detector.MaskAsync(Everything, mask, Token);
        Assert.Empty(s_detector.Find(masked));
        Assert.Equal("joe@example.com, +491701234567, DE89370400440532013000, 4111111111111111, 2001:db8::1", await mask.ResolveTextAsync(masked, Token));
        Assert.Equal("joe@example.com", await mask.ResolveAsync(masked.Split(", ")[0], Token));
        // Another host with the same key and store makes the same tokens.
        var other = new PiiTokenisation(s_key, new StatePiiTokenStore(state));
        Assert.Equal(masked, await s_detector.MaskAsync(Everything, other, Token));
        Assert.Equal("[x] joe@example.com]", await other.ResolveTextAsync($"[x] {masked.Split(", ")[0]}]", Token));
        // The store alone tells nothing: neither its keys nor its values hold a value.
        await foreach (var entry in state.ListAsync("", Token))
        {
            var content = entry.Key + Encoding.Latin1.GetString(entry.Value.Span);
            Assert.DoesNotContain("example", content, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("1234567", content, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ResolveAsync_UnknownTokenOrChangedContent_Throws()
    {
        var state = new InMemoryStateStore();
        var mask = new PiiTokenisation(s_key, new StatePiiTokenStore(state));
        var token = await s_detector.MaskAsync("10.0.0.1", mask, Token);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => mask.ResolveAsync("[ip-unknown]", Token));
        var entry = (await state.GetAsync("pii-tokens/" + token.Trim('[', ']'), Token))!;
        var changed = entry.Value.ToArray();
        changed[3] ^= 1;
        await state.CompareAndSetAsync(entry.Key, changed, entry.ETag, Token);
        await Assert.ThrowsAsync<StorageException>(() => mask.ResolveAsync(token, Token));
        await Assert.ThrowsAsync<StorageException>(() => new PiiTokenisation(s_key.AsSpan(1), new StatePiiTokenStore(state)).ResolveAsync(token, Token));
        await Assert.ThrowsAsync<EntityConflictException>(async () => await s_detector.MaskAsync("10.0.0.1", mask, Token));
    }

    [Fact]
    public void MaskAsync_AnyText_IsCleanAfterwards()
    {
        // Pieces that free each other when one is masked: values beside digits, other values, signs and words for telephones.
        var samples = new PiiSamples(11);
        var values = Gen.Choose(0, int.MaxValue).Select(seed =>
        {
            var made = new PiiSamples((ulong)seed);
            return made.Next(7) switch { 0 => made.Email(), 1 => made.Iban(), 2 => made.Card(), 3 => made.Ip(), 4 => made.InternationalPhone(), 5 => made.NationalPhone(made.Pick(["DE", "US", "FR", "DK"])), _ => made.LookAlike(made.Next(PiiSamples.LookAlikeForms)) };
        });
        var glue = Gen.Elements("", "", " ", "-", ".", ":", "::", "@", "/", "0", "4", "1.", "+", "(", ")", "a", "f", "DE", "Tel ", "\\n", "_", "\"", "é", "谢", "\u00A0", "[email]", "]", "[", "x@");
        var random = Gen.Elements("0123456789@:.-+ ()/abDE4".ToCharArray()).ArrayOf().Select(characters => new string(characters));
        var texts = Gen.OneOf(Gen.Zip(glue, values).ArrayOf().Select(parts => string.Concat(parts.Select(part => part.Item1 + part.Item2))), random);
        PiiMask[] masks = [new PiiRedaction(), new PiiKeyedHash(s_key), new PiiTokenisation(s_key, new InMemoryPiiTokenStore())];
        foreach (var mask in masks)
        {
            foreach (var isPhoneColumn in (bool[])[false, true])
            {
                Prop.ForAll(texts.ToArbitrary(), text =>
                {
                    var masking = new PiiTextMasking(s_detector.Rules, mask);
                    if (!masking.TryMask(Encoding.UTF8.GetBytes(text), isPhoneColumn)) return;
                    var scanner = new PiiScanner(masking.Masked, s_detector.Rules, isPhoneColumn);
                    Assert.False(scanner.TryNext(out _), "Something is found in masked text.");
                }).Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(30));
            }
        }
    }

    [Fact]
    public async Task MaskAsync_NeighboursThatFreeEachOther_AreMaskedInRounds()
    {
        // Beside the address, the digits were part of a longer word; alone they are a card.
        foreach (var text in (string[])["4111111111111111,10.0.0.1", "joe@example.com4111111111111111", "0170 1234567-0171 7654321-0172 7654321", "10.0.0.1:4111111111111111:10.0.0.2", "4111-1111-1111-1111-4111-1111-1111-1111"])
        {
            var masked = await s_detector.MaskAsync(text, new PiiRedaction(), Token);
            Assert.Empty(s_detector.Find(masked));
            Assert.DoesNotContain("1111", masked, StringComparison.Ordinal);
            Assert.Contains("[", masked, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TryMask_TooManyRounds_MasksTheWholeText()
    {
        var text = "call 212-555-1234/10.0.0.1"u8;
        var masking = new PiiTextMasking(s_detector.Rules, new PiiRedaction());
        Assert.True(masking.TryMask(text, isPhoneColumn: false));
        Assert.Equal("call [phone]/[ip]", Encoding.UTF8.GetString(masking.Masked));
        masking = new PiiTextMasking(s_detector.Rules, new PiiRedaction(), mostRounds: 1);
        Assert.True(masking.TryMask(text, isPhoneColumn: false));
        Assert.Equal("[text]", Encoding.UTF8.GetString(masking.Masked));
    }

    [Fact]
    public async Task MaskAsync_LongChains_EndsInFewRounds()
    {
        foreach (var unit in (string[])["4111-1111-1111-1111-", "0170 1234567-", "a@b.de@", "10.0.0.1.", "+1 212 555 1234+", "1.10.0.0.1:", "2125551234-Tel "])
        {
            var text = string.Concat(Enumerable.Repeat(unit, 20_000));
            Assert.Empty(s_detector.Find(await s_detector.MaskAsync(text, new PiiRedaction(), Token)));
        }
    }

    [Fact]
    public async Task MaskPii_Dataset_MasksTextsOnlyAndIsClean()
    {
        var data = InMemoryDataset.FromColumns(
            "people",
            (new ColumnSchema("id", ElementType.Int64, ColumnRole.Key), new Column<long>([1, 2, 3])),
            (new ColumnSchema("mail", ElementType.String), TextColumn.FromStrings("a@b.de", null, "A@B.DE")),
            (new ColumnSchema("clean", ElementType.String), TextColumn.FromStrings("x", "y", "z")),
            (new ColumnSchema("phone", ElementType.Int64), new Column<long>([1701234567, 12, 0], [3])));
        var store = new InMemoryPiiTokenStore();
        foreach (var mask in (PiiMask[])[new PiiRedaction(), new PiiKeyedHash(s_key), new PiiTokenisation(s_key, store)])
        {
            var masked = data.MaskPii(s_detector, mask);
            Assert.Equal(data.Schema, masked.Schema);
            var rows = (await masked.ToMemoryAsync(Token)).Batches[0];
            Assert.Null(rows["mail"].GetValue(1));
            Assert.StartsWith("[email", (string)rows["mail"].GetValue(0)!, StringComparison.Ordinal);
            Assert.Equal(rows["mail"].GetValue(0), rows["mail"].GetValue(2));
            Assert.Same((await First(data))["clean"], (await First(masked))["clean"]);
            Assert.Equal(["phone"], (await s_detector.DetectAsync(masked, Token)).Columns);
            var report = await s_detector.DetectAsync(data, Token);
            var all = data.MaskPii(s_detector, mask, report.Columns);
            Assert.Equal(ElementType.String, all.Schema["phone"].Type);
            Assert.True((await s_detector.DetectAsync(all, Token)).IsClean);
            rows = (await all.ToMemoryAsync(Token)).Batches[0];
            Assert.StartsWith("[phone", (string)rows["phone"].GetValue(0)!, StringComparison.Ordinal);
            Assert.Equal("12", rows["phone"].GetValue(1));
            Assert.Null(rows["phone"].GetValue(2));
            Assert.Equal(["phone", "id"], (await First(all.Select("phone", "id"))).Schema.Select(column => column.Name));
        }

        Assert.Equal(2, store.Count);
        Assert.Equal("+491701234567", await new PiiTokenisation(s_key, store).ResolveAsync(
            (string)(await First(data.MaskPii(s_detector, new PiiTokenisation(s_key, store), ["phone"])))["phone"].GetValue(0)!, Token));

        async Task<DataBatch> First(IDataset dataset)
        {
            await foreach (var batch in dataset.ReadAsync(null, Token)) return batch;
            throw new InvalidOperationException("No rows.");
        }
    }

    [Fact]
    public async Task MaskPii_Dictionary_MasksEntriesOfNoRowToo()
    {
        var column = TextColumn.FromCodes([0, 1, 0, 1], ["a@b.de", "clean", "hidden@b.de"]);
        var data = InMemoryDataset.FromColumns("d", (new ColumnSchema("mail", ElementType.String), column));
        await foreach (var batch in data.MaskPii(s_detector, new PiiRedaction()).ReadAsync(new ReadOptions { BatchRows = 2 }, Token))
        {
            var masked = (TextColumn)batch[0];
            Assert.True(masked.IsDictionaryEncoded);
            Assert.Equal("[email] clean", $"{masked.GetString(0)} {masked.GetString(1)}");
            for (var entry = 0; entry < masked.EntryCount; entry++) Assert.False(masked.GetEntryUtf8(entry).Contains((byte)'@'));
        }
    }

    [Fact]
    public async Task MaskPii_AnyEncodingAndBatchSize_GivesTheSameTexts()
    {
        var samples = new PiiSamples(4);
        string?[] values = [.. Enumerable.Range(0, 300).Select(i => i % 5 == 0 ? null : string.Format(System.Globalization.CultureInfo.InvariantCulture, samples.Pick(PiiSamples.Sentences), i % 2 == 0 ? samples.Email() : samples.Card()))];
        var mask = new PiiKeyedHash(s_key);
        var expected = new List<string?>();
        foreach (var value in values) expected.Add(value is null ? null : await s_detector.MaskAsync(value, mask, Token));
        var repeated = TextColumn.FromStrings([.. values, .. values, .. values]);
        Assert.True(repeated.IsDictionaryEncoded || !TextColumn.FromStrings(values).IsDictionaryEncoded);
        foreach (var column in (TextColumn[])[TextColumn.FromStrings(values), (TextColumn)repeated.Slice(0, 300)])
        {
            foreach (var batchRows in (int[])[1, 64, 4096])
            {
                var data = InMemoryDataset.FromColumns("d", (new ColumnSchema("text", ElementType.String), column));
                var actual = new List<string?>();
                await foreach (var batch in data.MaskPii(s_detector, mask).ReadAsync(new ReadOptions { BatchRows = batchRows }, Token)) actual.AddRange(Enumerable.Range(0, batch.RowCount).Select(row => ((TextColumn)batch[0]).GetString(row)));
                Assert.Equal(expected, actual);
            }
        }
    }

    [Fact]
    public void MaskPii_BadColumns_Throws()
    {
        var data = InMemoryDataset.FromColumns("d", (new ColumnSchema("day", ElementType.Date), new Column<DateOnly>([new DateOnly(2024, 1, 1)])));
        Assert.Throws<EntityNotFoundException>(() => data.MaskPii(s_detector, new PiiRedaction(), ["absent"]));
        Assert.Throws<ArgumentException>(() => data.MaskPii(s_detector, new PiiRedaction(), ["day"]));
        Assert.Throws<ArgumentNullException>(() => data.MaskPii(null!, new PiiRedaction()));
    }
}
