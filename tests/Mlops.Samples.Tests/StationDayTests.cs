using Mlops.Models;
using Quickstart;

namespace Mlops.Samples.Tests;

public sealed class StationDayTests
{
    [Fact]
    public async Task WriteThenRead_DayOfTheData_GivesTheSameDay()
    {
        var day = (await LoadAsync()).Days[100];
        using var batch = CreateSignature().RentInputs(2);
        day.Write(batch, 1);

        var read = StationDay.Read(batch, 1);

        Assert.Equal(day.Date, read.Date);
        Assert.Equal(day.Numbers.ToArray(), read.Numbers.ToArray());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Write_NumbersOfAnotherWidth_ThrowsNamingBothWidths(int difference)
    {
        await LoadAsync();
        var width = RidershipData.NumericColumns.Count;
        using var batch = CreateSignature().RentInputs(2);

        var error = Assert.Throws<ArgumentException>(() => new StationDay(new double[width + difference], new DateOnly(2006, 1, 1)).Write(batch, 0));

        Assert.Contains("'numeric'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{width} elements", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{width + difference} were given", error.Message, StringComparison.Ordinal);
    }

    private static Task<RidershipData> LoadAsync() => RidershipData.LoadAsync(Path.Combine(WorkingDirectory.Repository, "samples", "data", "chicago.csv"));

    private static ModelSignature CreateSignature() => new(StationDay.Tensors, [TensorSpec.Of<float>("prediction")]);
}
