using Mlops.Data;

namespace Mlops.Core.Tests.Data.Catalog;

public sealed class DatasetAddressTests
{
    [Theory]
    [InlineData("rides", "rides", null, null, "rides")]
    [InlineData("rides@latest", "rides", null, null, "rides")]
    [InlineData("rides@3", "rides", 3, null, "rides@3")]
    [InlineData("my rides@training-2", "my rides", null, "training-2", "my rides@training-2")]
    public void Parse_Name_GivesItsParts(string text, string name, int? version, string? alias, string written)
    {
        var address = DatasetAddress.Parse(text);
        Assert.Equal((name, version, alias, null), (address.Name, address.Version, address.Alias, address.Fingerprint));
        Assert.Equal(written, address.ToString());
        Assert.Equal(address, DatasetAddress.Parse(written));
    }

    [Fact]
    public void Parse_Fingerprint_IsNoName()
    {
        var fingerprint = new string('0', 60) + "beef";
        var address = DatasetAddress.Parse(fingerprint);
        Assert.Equal((null, fingerprint, fingerprint), (address.Name, address.Fingerprint, address.ToString()));
        Assert.Throws<FormatException>(() => DatasetAddress.CheckName(fingerprint));
        // Upper-case digits, or one too few, make a name like any other.
        Assert.Equal(fingerprint[1..], DatasetAddress.Parse(fingerprint[1..]).Name);
        Assert.Equal(fingerprint.ToUpperInvariant(), DatasetAddress.Parse(fingerprint.ToUpperInvariant()).Name);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("v7")]
    [InlineData("Latest")]
    [InlineData("a b")]
    [InlineData("")]
    public void CheckAlias_WhatLooksLikeSomethingElse_Throws(string alias) => Assert.Throws<FormatException>(() => DatasetAddress.CheckAlias(alias));
}
