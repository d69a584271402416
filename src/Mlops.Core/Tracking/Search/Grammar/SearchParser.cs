using System.Globalization;

namespace Mlops.Tracking;

/// <summary>Reads MLflow's grammar: comparisons joined by AND, and the keys of an order.</summary>
/// <remarks>Nothing of the text gets into a statement: what comes out are the fields, operators and values that the grammar knows.</remarks>
internal sealed class SearchParser
{
    private readonly SearchSubject _subject;
    private readonly SearchLexer _lexer;
    private SearchToken _token;
    private int _listed;

    private SearchParser(SearchSubject subject, string text)
    {
        _subject = subject;
        _lexer = new SearchLexer(text);
        _token = _lexer.Next();
    }

    /// <summary>Reads a filter.</summary>
    /// <returns>The filter; <see cref="SearchFilter.All"/> when the text is empty.</returns>
    /// <exception cref="SearchSyntaxException">The text is not in the grammar.</exception>
    public static SearchFilter ParseFilter(SearchSubject subject, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var conditions = new SearchParser(subject, text).ReadConditions();
        return conditions.Count == 0 ? SearchFilter.All : new SearchFilter(conditions);
    }

    /// <summary>Reads one key of an order.</summary>
    /// <returns>The key.</returns>
    /// <exception cref="SearchSyntaxException">The text is not in the grammar.</exception>
    public static SearchOrder ParseOrder(SearchSubject subject, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new SearchParser(subject, text).ReadOrder();
    }

    private List<SearchCondition> ReadConditions()
    {
        var conditions = new List<SearchCondition>();
        while (_token.Kind != SearchTokenKind.End)
        {
            if (conditions.Count == SearchPlan.MaxConditions)
                throw Error(string.Create(CultureInfo.InvariantCulture, $"A filter has at most {SearchPlan.MaxConditions} conditions; search with fewer."));
            conditions.Add(ReadCondition());
            // An AND with nothing behind it is tolerated, as MLflow does.
            if (_token.Is("AND")) Advance();
            else if (_token.Kind != SearchTokenKind.End) throw Unexpected();
        }

        return conditions;
    }

    private SearchCondition ReadCondition()
    {
        var (field, kind) = ReadField(forOrder: false);
        var @operator = ReadOperator(field, kind);
        var value = @operator switch
        {
            SearchOperator.In or SearchOperator.NotIn => ReadList(field),
            _ when kind == SearchFieldKind.Number => ReadNumber(field),
            _ => ReadText(field),
        };
        return new SearchCondition(field, @operator, value);
    }

    private SearchOrder ReadOrder()
    {
        if (_token.Kind == SearchTokenKind.End) throw Error("An order names a field: metrics.auc DESC.");
        var (field, _) = ReadField(forOrder: true);
        var isDescending = _token.Is("DESC");
        if (isDescending || _token.Is("ASC")) Advance();
        return _token.Kind switch
        {
            SearchTokenKind.End => new SearchOrder(field, isDescending),
            SearchTokenKind.Comma => throw Error("An order has one field; give further ones as texts of their own."),
            _ => throw Error($"{_token.Describe()} does not belong to an order; write a field, then ASC, DESC or nothing."),
        };
    }

    private (SearchField Field, SearchFieldKind Kind) ReadField(bool forOrder)
    {
        var start = _token;
        var (entity, key) = ReadIdentifier();
        if (entity == SearchEntity.Attribute && _subject.Aliases.TryGetValue(key, out var name)) key = name;
        var field = new SearchField(entity, key);
        var kind = _subject.KindOf(field);
        var isKnown = forOrder ? _subject.IsOrderable(field) : kind is not (null or SearchFieldKind.OrderOnly);
        if (isKnown) return (field, kind!.Value);
        var verb = forOrder ? "are not ordered by" : "are not filtered by";
        var remedy = entity switch
        {
            SearchEntity.Dataset when forOrder => "order by metrics, params, tags or attributes",
            SearchEntity.Dataset => "datasets have name, digest and context",
            // A name with a space was written without quotes.
            SearchEntity.Attribute when _token.Kind == SearchTokenKind.Word && _subject.Aliases.TryGetValue($"{key} {_token.Text}", out var meant)
                => $"write {meant}, or put `{key} {_token.Text}` into backticks",
            SearchEntity.Attribute => $"attributes are {_subject.DescribeAttributes(forOrder)}{(_subject == SearchSubject.Runs ? "; metrics, params and tags are written metrics.x, params.x and tags.x" : "")}",
            _ => $"use one of {_subject.DescribeAttributes(forOrder)}",
        };
        throw _lexer.Error($"Searches of {_subject.Name} {verb} {Shorten(field.ToString())}; {remedy}.", start.Position);
    }

    private (SearchEntity Entity, string Key) ReadIdentifier()
    {
        var token = _token;
        if (token.Kind is SearchTokenKind.Backticked or SearchTokenKind.DoubleQuoted)
        {
            Advance();
            return (SearchEntity.Attribute, token.Text);
        }

        if (token.Kind != SearchTokenKind.Word) throw Unexpected();
        if (IsKeyword(token)) throw Unexpected();
        Advance();
        var dot = token.Text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0) return (SearchEntity.Attribute, token.Text);
        var word = token.Text[..dot];
        if (!_subject.Entities.TryGetValue(word, out var entity))
        {
            var remedy = _subject.Entities.ContainsKey(word.ToLowerInvariant()) ? $"write '{word.ToLowerInvariant()}', in lower case" : $"use {string.Join(", ", _subject.Entities.Keys)}";
            throw _lexer.Error($"Searches of {_subject.Name} know no '{Shorten(word)}'; {remedy}.", token.Position);
        }

        return (entity, ReadKey(token, dot + 1));
    }

    // A key in quotes stands directly behind the dot; without quotes it is the rest of the word, dots included.
    private string ReadKey(SearchToken word, int start)
    {
        if (start < word.Text.Length)
        {
            if (_token.Position == word.End && _token.Kind is SearchTokenKind.Backticked or SearchTokenKind.DoubleQuoted or SearchTokenKind.SingleQuoted or SearchTokenKind.Number or SearchTokenKind.Other)
                throw Error($"A key with other characters than letters, digits, '_', '$' and '.' is put into backticks as a whole, behind the first dot: {word.Text[..start]}`my key`.");
            return word.Text[start..];
        }

        if (_token.Position != word.End || _token.Kind is not (SearchTokenKind.Backticked or SearchTokenKind.DoubleQuoted))
            throw _lexer.Error($"A key must follow the dot: {word.Text}key or {word.Text}`my key`.", word.End);
        var key = _token.Text;
        if (key.Length == 0) throw Error("A key has at least one character.");
        Advance();
        return key;
    }

    private SearchOperator ReadOperator(SearchField field, SearchFieldKind kind)
    {
        var token = _token;
        SearchOperator? found = token switch
        {
            { Kind: SearchTokenKind.Comparison, Text: "=" } => SearchOperator.Equal,
            { Kind: SearchTokenKind.Comparison, Text: "!=" } => SearchOperator.NotEqual,
            { Kind: SearchTokenKind.Comparison, Text: "<" } => SearchOperator.Less,
            { Kind: SearchTokenKind.Comparison, Text: "<=" } => SearchOperator.LessOrEqual,
            { Kind: SearchTokenKind.Comparison, Text: ">" } => SearchOperator.Greater,
            { Kind: SearchTokenKind.Comparison, Text: ">=" } => SearchOperator.GreaterOrEqual,
            _ when token.Is("LIKE") => SearchOperator.Like,
            _ when token.Is("ILIKE") => SearchOperator.ILike,
            _ when token.Is("IN") => SearchOperator.In,
            _ when token.Is("NOT") => SearchOperator.NotIn,
            _ => null,
        };
        var remedy = $"{Shorten(field.ToString())} takes {SearchSubject.OperatorsOf(kind)}";
        if (found is not { } @operator)
        {
            throw Error(token.Kind switch
            {
                SearchTokenKind.Comparison when token.Text == "==" => $"'==' is not an operator; write '='.",
                SearchTokenKind.Comparison when token.Text == "<>" => $"'<>' is not an operator; write '!='.",
                _ => $"An operator is missing before {token.Describe()}; {remedy}.",
            });
        }

        Advance();
        if (@operator == SearchOperator.NotIn)
        {
            if (!_token.Is("IN")) throw Error($"NOT stands only before IN; {remedy}.");
            Advance();
        }

        if (SearchSubject.Takes(kind, @operator)) return @operator;
        throw _lexer.Error($"{remedy}, not {(@operator == SearchOperator.NotIn ? "NOT IN" : token.Text.ToUpperInvariant())}.", token.Position);
    }

    private SearchValue ReadNumber(SearchField field)
    {
        if (_token.Kind != SearchTokenKind.Number)
            throw Error($"{Shorten(field.ToString())} is compared with a number without quotes, like 0.9, -3 or 1e-3; {_token.Describe()} is none.");
        // Every text that the lexer takes for a number is one, and one that is too large is infinite.
        var number = double.Parse(_token.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        Advance();
        return SearchValue.Of(number);
    }

    private SearchValue ReadText(SearchField field)
    {
        if (_token.Kind is not (SearchTokenKind.SingleQuoted or SearchTokenKind.DoubleQuoted))
            throw Error($"{Shorten(field.ToString())} is compared with a text in quotes, like 'my-value'; {_token.Describe()} is none.");
        var text = _token.Text;
        var (end, kind) = (_token.End, _token.Kind);
        Advance();
        if (_token.Kind == kind && _token.Position == end)
            throw Error("A quote inside a text cannot be escaped; put the text into the other kind of quotes, or use the typed fields of the search.");
        return SearchValue.Of(text);
    }

    private SearchValue ReadList(SearchField field)
    {
        if (_token.Kind != SearchTokenKind.Open) throw Error($"IN needs a list in parentheses behind it: {Shorten(field.ToString())} IN ('a', 'b').");
        Advance();
        var texts = new List<string>();
        while (true)
        {
            if (_token.Kind == SearchTokenKind.Close && texts.Count == 0) throw Error("A list has at least one text: ('a', 'b').");
            if (texts.Count == SearchPlan.MaxListLength)
                throw Error(string.Create(CultureInfo.InvariantCulture, $"A list has at most {SearchPlan.MaxListLength} texts; search several times."));
            if (++_listed > SearchPlan.MaxListTexts)
                throw Error(string.Create(CultureInfo.InvariantCulture, $"The lists of a filter have at most {SearchPlan.MaxListTexts} texts together; search several times."));
            texts.Add(ReadText(field).Text!);
            if (_token.Kind == SearchTokenKind.Close) break;
            if (_token.Kind != SearchTokenKind.Comma) throw Error($"A list goes on with ',' or ends with ')', not with {_token.Describe()}.");
            Advance();
        }

        Advance();
        return SearchValue.Of(texts);
    }

    private SearchSyntaxException Unexpected() => Error(_token switch
    {
        { Kind: SearchTokenKind.End } => "A condition is missing at the end.",
        _ when _token.Is("OR") => "OR is not in the grammar, conditions are joined by AND only; search once for each, or use IN.",
        _ when _token.Is("NOT") => "NOT stands only before IN; use != or turn the comparison round.",
        _ when _token.Is("BETWEEN") => "BETWEEN is not in the grammar; write two conditions with >= and <=.",
        _ when _token.Is("AND") => "AND stands between two conditions; one is missing before it.",
        { Kind: SearchTokenKind.Open or SearchTokenKind.Close } => "Parentheses stand only around the list of IN; leave them away, all conditions are joined by AND.",
        { Kind: SearchTokenKind.Other, Text: ";" } => "';' is not in the grammar; a filter is one line of conditions without an end sign.",
        _ => $"{_token.Describe()} is not expected here; a condition is a field, an operator and a value, and AND stands between conditions.",
    });

    private static bool IsKeyword(SearchToken token) => token.Is("AND") || token.Is("OR") || token.Is("NOT") || token.Is("BETWEEN");

    private static string Shorten(string text) => ShortText.Of(text, 80);

    private SearchSyntaxException Error(string problem) => _lexer.Error(problem, _token.Position);

    private void Advance() => _token = _lexer.Next();
}
