// On the loopback only, and no longer than the tests that started it: their end closes the standard input.
const cds = require('@sap/cds')

cds.on('bootstrap', app => {
  const listen = app.listen.bind(app)
  app.listen = port => listen(port, '127.0.0.1')
})
process.stdin.on('end', () => process.exit()).resume()

module.exports = cds.server
